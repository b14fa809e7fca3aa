//! What the bot asks about chats and files, and how it leaves.

use serde_json::{Value, json};

use super::target;
use crate::answer::{Answer, Done, Refusal};
use crate::chat::{Action, Sort, Standing};
use crate::files::DOWNLOAD;
use crate::locks::read;
use crate::options::Paths;
use crate::params::Params;
use crate::world::{World, rights};

/// <https://core.telegram.org/bots/api#sendchataction>
const ACTIONS: &[&str] = &[
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
];

/// Hints kept in a chat.
const KEPT: usize = 1000;

pub(super) fn action(world: &World, params: &Params) -> Answer {
    let action = params.text("action").unwrap_or_default().to_lowercase();
    if !ACTIONS.contains(&action.as_str()) {
        return Err(Refusal::bad("wrong parameter action in request"));
    }
    let chat = target::find(world, params)?;
    let mut chat = target::enter(world, &chat)?;
    if chat.is_channel() {
        // Documented; its real sentence is not known.
        return Err(Refusal::bad("can't send chat actions to channels"));
    }
    let thread = target::thread(&chat, params)?;
    let at = world.clock.now();
    if chat.actions.len() >= KEPT {
        chat.actions.remove(0);
    }
    chat.actions.push(Action { action, thread, at });
    drop(chat);
    world.changed.notify_waiters();
    Ok(Done::yes())
}

pub(super) fn file(world: &World, params: &Params) -> Answer {
    let Some(id) = params.text("file_id") else {
        return Err(Refusal::bad("file_id is not specified"));
    };
    let Some(file) = world.files.find(&id) else {
        return Err(Refusal::bad("invalid file_id"));
    };
    let paths = &world.options.paths;
    if file.bytes.len() > DOWNLOAD && !matches!(paths, Paths::OnDisk(_)) {
        return Err(Refusal::bad("file is too big"));
    }
    let path = world.files.publish(&file);
    let path = match paths {
        Paths::Plain => path,
        Paths::Encoded => path.replace('/', "%2F"),
        Paths::OnDisk(folder) => {
            let path = folder.join(path);
            let written = path
                .parent()
                .map_or(Ok(()), std::fs::create_dir_all)
                .and_then(|()| std::fs::write(&path, &file.bytes));
            written.map_err(|error| Refusal::bad(format!("file cannot be kept: {error}")))?;
            path.display().to_string()
        }
    };
    Ok(json!({
        "file_id": file.id,
        "file_unique_id": file.unique,
        "file_size": file.bytes.len(),
        "file_path": path,
    })
    .into())
}

pub(super) fn chat(world: &World, params: &Params) -> Answer {
    let chat = target::find(world, params)?;
    let chat = target::enter(world, &chat)?;
    let mut view = chat.view();
    view["accent_color_id"] = json!(0);
    view["max_reaction_count"] = json!(11);
    view["accepted_gift_types"] = json!({ "unlimited_gifts": false, "limited_gifts": false,
        "unique_gifts": false, "premium_subscription": false, "gifts_from_channels": false });
    if chat.is_group() {
        view["permissions"] = json!({ "can_send_messages": true, "can_send_photos": true,
            "can_send_documents": true, "can_send_videos": true });
    }
    Ok(view.into())
}

pub(super) fn member(world: &World, params: &Params) -> Answer {
    let chat = target::find(world, params)?;
    let chat = target::enter(world, &chat)?;
    let id = params.integer("user_id");
    if id <= 0 {
        return Err(Refusal::bad("invalid user_id specified"));
    }
    let (user, standing): (Value, Standing) = if id == world.bot.id {
        (world.bot.view(), chat.bot)
    } else {
        let account = read(&world.people).get(&id).cloned();
        let account = account.ok_or_else(|| Refusal::bad("member not found"))?;
        let standing = match chat.members.get(&id) {
            Some(standing) => *standing,
            None if chat.person.as_ref().is_some_and(|person| person.id == id) => Standing::Member,
            None => Standing::Left,
        };
        (account.view(), standing)
    };
    let mut view = json!({ "user": user, "status": standing.name() });
    rights(&mut view, standing);
    Ok(view.into())
}

pub(super) fn leave(world: &World, params: &Params) -> Answer {
    let chat = target::find(world, params)?;
    let mut chat = target::enter(world, &chat)?;
    if chat.sort == Sort::Private {
        return Err(Refusal::bad(
            "chat member status can't be changed in private chats",
        ));
    }
    let from = std::mem::replace(&mut chat.bot, Standing::Left);
    world.bot_moved(&chat, &world.bot, from);
    Ok(Done::yes())
}
