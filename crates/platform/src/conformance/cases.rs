//! The obligations, one function each.

use std::pin::pin;

use bytes::Bytes;
use futures::FutureExt as _;
use futures::StreamExt as _;
use futures::future::{Either, join, select};
use lorikeet_chat::{
    Action, Button, Control, Conversation, EffectId, Event, EventBody, Group, Invocation,
    MediaSource, MessageHandle, Origin, Page, Present, Role, Screen, SessionTag, Stamp, Surface,
    Token,
};

use super::inbox::{ProbeInbox, arrival};
use super::{Body, Harness, Message, Receipt, Update};
use crate::{Content, Delivery, DeliveryError, Failure};

/// Every case, with the name it is reported under.
pub(super) const ALL: &[(&str, Body)] = &[
    ("accepted_before_acknowledged", |h, i| {
        accepted_before_acknowledged(h, i).boxed()
    }),
    ("not_acknowledged_while_the_store_is_down", |h, i| {
        store_down(h, i).boxed()
    }),
    ("the_same_update_has_the_same_event_id", |h, i| {
        same_update(h, i).boxed()
    }),
    ("text_and_commands_arrive_as_such", |h, i| {
        text_and_commands(h, i).boxed()
    }),
    ("a_file_can_be_read_and_is_bounded", |h, i| {
        media(h, i).boxed()
    }),
    ("one_effect_delivered_twice_is_one_message", |h, i| {
        deliver_twice(h, i).boxed()
    }),
    ("an_edit_stays_in_place", |h, i| edit_in_place(h, i).boxed()),
    ("a_fresh_screen_takes_the_controls_along", |h, i| {
        fresh(h, i).boxed()
    }),
    ("a_press_carries_its_token_and_is_answered", |h, i| {
        press(h, i).boxed()
    }),
    ("failures_say_whether_to_retry", |h, i| {
        failures(h, i).boxed()
    }),
];

/// Files up to this size are made up in memory; a room that takes larger ones is not tested for its bound.
const LARGEST_MADE_UP_FILE: u64 = 64 << 20;

type Outcome = Result<(), String>;

async fn accepted_before_acknowledged(harness: &dyn Harness, inbox: &ProbeInbox) -> Outcome {
    let (mut arrivals, permit) = inbox.hold();
    let mut send = pin!(harness.send(1, Update::Text("hello".to_owned())));
    if let Either::Left((receipt, _)) = select(&mut send, pin!(arrival(&mut arrivals))).await {
        return Err(format!("{receipt:?} before the inbox was asked"));
    }
    // Looking at the room goes over the same wire: time enough for a hasty acknowledgement to come through.
    if let Either::Left((receipt, _)) = select(&mut send, harness.room()).await {
        return Err(format!("{receipt:?} before the inbox had answered"));
    }
    // The receiver is the adapter's call; when it is gone, the next line says what came of it.
    let _ = permit.send(());
    expect("the receipt", send.await, Receipt::Acknowledged)
}

async fn store_down(harness: &dyn Harness, inbox: &ProbeInbox) -> Outcome {
    let hello = || Update::Text("hello".to_owned());
    inbox.go_down();
    let receipt = harness.send(1, hello()).await;
    expect("with the store down", receipt, Receipt::Unavailable)?;
    let (_, refused) = inbox.last()?;
    inbox.come_up();
    let receipt = harness.send(1, hello()).await;
    expect("with the store up again", receipt, Receipt::Acknowledged)?;
    let (_, accepted) = inbox.last()?;
    expect("the id of the second try", accepted.id, refused.id)
}

async fn same_update(harness: &dyn Harness, inbox: &ProbeInbox) -> Outcome {
    for number in [1, 1, 2] {
        let receipt = harness.send(number, Update::Text("hello".to_owned())).await;
        expect("the receipt", receipt, Receipt::Acknowledged)?;
    }
    let calls = inbox.calls();
    let (Some((_, first)), Some((_, last))) = (calls.first(), calls.last()) else {
        return Err("no event reached the inbox".to_owned());
    };
    let (repeats, others): (Vec<_>, Vec<_>) =
        calls.iter().partition(|(_, event)| event.id == first.id);
    // A platform may refuse a repeat by itself, so that it never reaches the inbox.
    if others.len() != 1 || !(1..=2).contains(&repeats.len()) {
        let ids: Vec<_> = calls.iter().map(|(_, event)| event.id.as_str()).collect();
        return Err(format!("updates 1, 1, 2 arrived as {ids:?}"));
    }
    if repeats.iter().any(|(_, event)| event.order != first.order) {
        return Err("a repeat has another order".to_owned());
    }
    if first.order.is_some() && last.order <= first.order {
        return Err(format!(
            "order does not rise: {:?}, {:?}",
            first.order, last.order
        ));
    }
    Ok(())
}

async fn text_and_commands(harness: &dyn Harness, inbox: &ProbeInbox) -> Outcome {
    let text = "Ünïcode & <b>markup</b>, *stars*";
    let event = sent(harness, inbox, 1, Update::Text(text.to_owned()))
        .await?
        .1;
    expect("the text", event.body, EventBody::Text(text.to_owned()))?;
    expect("the origin", event.origin, Origin::Person)?;
    let command = Invocation::new("new").with("a name");
    let update = Update::Command(command.clone());
    let (conversation, event) = sent(harness, inbox, 2, update).await?;
    expect("the command", event.body, EventBody::Command(command))?;
    let platform = harness.adapter().platform();
    expect(
        "the conversation's platform",
        conversation.platform,
        platform,
    )
}

async fn media(harness: &dyn Harness, inbox: &ProbeInbox) -> Outcome {
    let adapter = harness.adapter();
    let bytes = Bytes::from_iter((0..100_000_u32).map(|n| (n % 251) as u8));
    let (conversation, event) = sent(harness, inbox, 1, Update::File(bytes.clone())).await?;
    let source = attachment(&event)?;
    for _ in 0..2 {
        let read = read(harness, source, u64::MAX).await.map_err(text)?;
        if read != bytes.len() as u64 {
            return Err(format!("{} bytes were sent, {read} read", bytes.len()));
        }
    }

    let limit = adapter.capabilities(&conversation).files.receive;
    if limit >= LARGEST_MADE_UP_FILE {
        return Ok(());
    }
    let over = Bytes::from(vec![7; limit as usize + 1]);
    let before = inbox.calls().len();
    match harness.send(2, Update::File(over)).await {
        Receipt::Rejected => expect("events of a rejected file", inbox.calls().len(), before),
        Receipt::Unavailable => {
            Err("a file over the limit would be sent again for ever".to_owned())
        }
        Receipt::Acknowledged => {
            let (_, event) = inbox.last()?;
            match read(harness, attachment(&event)?, limit).await {
                Err(error) if error.failure == Failure::Permanent => Ok(()),
                Err(error) => Err(format!(
                    "a file over the limit is to be tried again: {error}"
                )),
                Ok(read) => Err(format!("{read} bytes were read; the limit is {limit}")),
            }
        }
    }
}

async fn deliver_twice(harness: &dyn Harness, inbox: &ProbeInbox) -> Outcome {
    let conversation = greeted(harness, inbox).await?;
    let screen = present("Twice", 1, Surface::Fresh);
    let id = effect(1)?;
    let first = deliver(harness, &conversation, &id, None, &screen).await?;
    if harness.creates_once() {
        // The process died before it could note the handle.
        deliver(harness, &conversation, &id, None, &screen).await?;
    }
    deliver(harness, &conversation, &id, Some(&first), &edit_of(&screen)).await?;
    expect("messages", showing(harness, "Twice").await.len(), 1)
}

async fn edit_in_place(harness: &dyn Harness, inbox: &ProbeInbox) -> Outcome {
    let conversation = greeted(harness, inbox).await?;
    let screen = present("Before", 1, Surface::Edit);
    // Nothing there yet: an edit becomes a new message.
    let handle = deliver(harness, &conversation, &effect(1)?, None, &screen).await?;
    let room = harness.room().await.len();
    let screen = present("After", 2, Surface::Edit);
    for _ in 0..2 {
        deliver(harness, &conversation, &effect(2)?, Some(&handle), &screen).await?;
    }
    expect("messages after an edit", harness.room().await.len(), room)?;
    expect(
        "of the old screen",
        showing(harness, "Before").await.len(),
        0,
    )?;
    expect(
        "of the new screen",
        showing(harness, "After").await.len(),
        1,
    )
}

async fn fresh(harness: &dyn Harness, inbox: &ProbeInbox) -> Outcome {
    let conversation = greeted(harness, inbox).await?;
    let old = present("Old", 1, Surface::Fresh);
    let handle = deliver(harness, &conversation, &effect(1)?, None, &old).await?;
    let new = present("New", 2, Surface::Fresh);
    deliver(harness, &conversation, &effect(2)?, Some(&handle), &new).await?;
    let room = harness.room().await;
    let Some((last, earlier)) = room.split_last() else {
        return Err("the room is empty".to_owned());
    };
    if !last.text.contains("New") || !last.controls.iter().any(|label| label == "Go on") {
        return Err(format!("the last message is {last:?}"));
    }
    match earlier.iter().find(|message| !message.controls.is_empty()) {
        Some(message) => Err(format!("an old message kept its controls: {message:?}")),
        None => Ok(()),
    }
}

async fn press(harness: &dyn Harness, inbox: &ProbeInbox) -> Outcome {
    let conversation = greeted(harness, inbox).await?;
    let screen = present("Press", 7, Surface::Fresh);
    deliver(harness, &conversation, &effect(1)?, None, &screen).await?;
    // The acknowledgement of a press may wait for its answer, and carry it.
    let (mut arrivals, permit) = inbox.hold();
    let mut send = pin!(harness.send(2, Update::Press("Go on".to_owned())));
    if let Either::Left((receipt, _)) = select(&mut send, pin!(arrival(&mut arrivals))).await {
        return Err(format!("{receipt:?} before the inbox was asked"));
    }
    let (presser, event) = inbox.last()?;
    let token = screen.stamp.token(0);
    expect("the press", event.body, EventBody::Press(token))?;
    expect("whose press", presser, conversation.clone())?;
    let _ = permit.send(());
    let id = effect(2)?;
    let (receipt, answered) = join(send, answer(harness, &conversation, &id, token)).await;
    answered?;
    expect("the receipt", receipt, Receipt::Acknowledged)?;
    let answers = harness.answers().await;
    match answers
        .iter()
        .filter(|text| text.contains("Too late"))
        .count()
    {
        1 => Ok(()),
        shown => Err(format!("the answer was shown {shown} times: {answers:?}")),
    }
}

async fn failures(harness: &dyn Harness, inbox: &ProbeInbox) -> Outcome {
    let conversation = greeted(harness, inbox).await?;
    let kinds = [Failure::Retry { after: None }, Failure::Permanent];
    for (number, wanted) in (1..).zip(kinds) {
        if !harness.refuse_next(wanted).await {
            continue;
        }
        let screen = present("Refused", number, Surface::Fresh);
        let id = effect(number)?;
        let outcome = harness
            .adapter()
            .deliver(delivery(&id, &conversation, None, &screen))
            .await;
        match (wanted, outcome.map_err(|error| error.failure)) {
            (Failure::Retry { .. }, Err(Failure::Retry { .. })) => {
                // The very same effect goes through at the next try.
                deliver(harness, &conversation, &id, None, &screen).await?;
            }
            (Failure::Permanent, Err(Failure::Permanent)) => {}
            (_, outcome) => return Err(format!("{wanted:?} came back as {outcome:?}")),
        }
    }
    Ok(())
}

/// Sends an update that has to arrive.
async fn sent(
    harness: &dyn Harness,
    inbox: &ProbeInbox,
    number: u64,
    update: Update,
) -> Result<(Conversation, Event), String> {
    let receipt = harness.send(number, update).await;
    expect("the receipt", receipt, Receipt::Acknowledged)?;
    inbox.last()
}

/// The conversation of a person who wrote something.
async fn greeted(harness: &dyn Harness, inbox: &ProbeInbox) -> Result<Conversation, String> {
    let hello = Update::Text("hello".to_owned());
    Ok(sent(harness, inbox, 1, hello).await?.0)
}

/// Delivers a screen that has to go through; answers with the message it is in.
async fn deliver(
    harness: &dyn Harness,
    conversation: &Conversation,
    id: &EffectId,
    handle: Option<&MessageHandle>,
    screen: &Present,
) -> Result<MessageHandle, String> {
    let delivery = delivery(id, conversation, handle, screen);
    let delivered = harness.adapter().deliver(delivery).await.map_err(text)?;
    delivered
        .handle
        .or_else(|| handle.cloned())
        .ok_or_else(|| "a new message came without a handle".to_owned())
}

async fn answer(
    harness: &dyn Harness,
    conversation: &Conversation,
    id: &EffectId,
    token: Token,
) -> Outcome {
    let delivery = Delivery {
        id,
        conversation,
        handle: None,
        content: Content::Answer {
            token: Some(token),
            text: "Too late",
        },
    };
    harness.adapter().deliver(delivery).await.map_err(text)?;
    Ok(())
}

const fn delivery<'a>(
    id: &'a EffectId,
    conversation: &'a Conversation,
    handle: Option<&'a MessageHandle>,
    screen: &'a Present,
) -> Delivery<'a> {
    Delivery {
        id,
        conversation,
        handle,
        content: Content::Screen(screen),
    }
}

/// A screen with a heading and one control, "Go on".
fn present(heading: &str, revision: u64, surface: Surface) -> Present {
    let button = Button {
        label: "Go on".to_owned(),
        action: Action::Skip,
        role: Role::Primary,
        confirm: None,
    };
    Present {
        screen: Screen::new()
            .heading(heading)
            .group(Group::row([Control::Button(button)])),
        stamp: Stamp {
            tag: SessionTag::from_generation(1),
            revision,
        },
        surface,
        page: Page::First,
    }
}

fn edit_of(screen: &Present) -> Present {
    Present {
        surface: Surface::Edit,
        ..screen.clone()
    }
}

fn effect(number: u64) -> Result<EffectId, String> {
    EffectId::new(format!("effect-{number}")).map_err(text)
}

async fn showing(harness: &dyn Harness, heading: &str) -> Vec<Message> {
    let mut room = harness.room().await;
    room.retain(|message| message.text.contains(heading));
    room
}

fn attachment(event: &Event) -> Result<&MediaSource, String> {
    match &event.body {
        EventBody::Media { items, .. } if items.len() == 1 => Ok(&items[0].source),
        body => Err(format!("a file arrived as {body:?}")),
    }
}

/// Reads an attachment to its end, but no further than `limit` bytes and one chunk.
async fn read(
    harness: &dyn Harness,
    source: &MediaSource,
    limit: u64,
) -> Result<u64, DeliveryError> {
    let mut stream = harness.adapter().open(source).await?;
    let mut read = 0;
    while let Some(chunk) = stream.next().await {
        read += chunk?.len() as u64;
        if read > limit {
            break;
        }
    }
    Ok(read)
}

fn expect<T: PartialEq + std::fmt::Debug>(what: &str, found: T, wanted: T) -> Outcome {
    if found == wanted {
        Ok(())
    } else {
        Err(format!("{what}: expected {wanted:?}, found {found:?}"))
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
