//! Rooms: which one a conversation is in after upgrades, who is there, and what the bot may do.

use lorikeet_chat::{Capabilities, Support};
use matrix_sdk::ruma::events::room::power_levels::UserPowerLevel;
use matrix_sdk::ruma::events::{MessageLikeEventType, TimelineEventType};
use matrix_sdk::ruma::{OwnedRoomId, RoomId, UserId};
use matrix_sdk::{Client, Room, RoomState};

/// Upgrades that are followed: more are a circle.
const UPGRADES: usize = 16;

/// The room that a room's conversations are kept under: the first of those it was made of, as far as each says that the next
/// one is its successor.
pub(crate) fn home(client: &Client, room: &Room) -> OwnedRoomId {
    let mut home = room.room_id().to_owned();
    for _ in 0..UPGRADES {
        let here = client.get_room(&home);
        let Some(before) = here.and_then(|room| room.predecessor_room()) else {
            break;
        };
        // Anybody can say that a room of theirs was made of another.
        let next = client
            .get_room(&before.room_id)
            .and_then(|room| room.successor_room());
        if next.is_none_or(|next| next.room_id != home) {
            break;
        }
        home = before.room_id;
    }
    home
}

/// The room in which the conversations of a room go on.
pub(crate) fn current(client: &Client, home: &str) -> Option<Room> {
    let home = RoomId::parse(home).ok()?;
    let mut room = client.get_room(&home)?;
    for _ in 0..UPGRADES {
        let next = room
            .successor_room()
            .and_then(|next| client.get_room(&next.room_id));
        // Whoever has a room could lead it into one of somebody else's.
        let follows = |next: &Room| {
            let before = next.predecessor_room();
            before.is_some_and(|before| before.room_id == room.room_id())
        };
        match next.filter(|next| next.state() == RoomState::Joined && follows(next)) {
            Some(next) => room = next,
            None => break,
        }
    }
    Some(room)
}

/// Whether nobody else is there but the bot and one person.
pub(crate) fn is_private(room: &Room) -> bool {
    room.active_members_count() <= 2
}

/// What a room can show and take.
pub(crate) async fn capabilities(room: &Room, me: &UserId) -> Capabilities {
    let mut capabilities = lorikeet_renderer_matrix::capabilities();
    let levels = room.power_levels_or_default().await;
    let needed = levels.for_message(MessageLikeEventType::Reaction);
    let may = match levels.for_user(me) {
        UserPowerLevel::Infinite => true,
        UserPowerLevel::Int(level) => level >= needed,
        _ => false,
    };
    if !may {
        capabilities.menu.buttons = Support::Fallback;
    }
    capabilities
}

/// Kinds of events that a room is asked for: what people say and do, and what changes the room.
pub(crate) fn kinds() -> Vec<String> {
    let kinds = [
        TimelineEventType::RoomMessage,
        TimelineEventType::RoomEncrypted,
        TimelineEventType::RoomRedaction,
        TimelineEventType::Reaction,
        TimelineEventType::Sticker,
        TimelineEventType::RoomMember,
        TimelineEventType::RoomTombstone,
    ];
    let votes = lorikeet_renderer_matrix::VOTES.map(str::to_owned);
    kinds.iter().map(ToString::to_string).chain(votes).collect()
}
