//! Answers to presses. <https://core.telegram.org/bots/api#answercallbackquery>

use crate::answer::{Answer, Done, Refusal};
use crate::entities::units;
use crate::locks::lock;
use crate::params::Params;
use crate::world::{Shown, World};

/// Longest text.
const TEXT: usize = 200;

pub(super) fn answer(world: &World, params: &Params) -> Answer {
    let id = params.text("callback_query_id").unwrap_or_default();
    let text = params.text("text").map(|text| text.into_owned());
    if text.as_ref().is_some_and(|text| units(text) > TEXT) {
        return Err(Refusal::bad("MESSAGE_TOO_LONG"));
    }
    if params.text("url").is_some() {
        // Only games and links to the bot itself may be opened.
        return Err(Refusal::bad("URL_INVALID"));
    }
    let press = lock(&world.presses).remove(id.as_ref());
    let late = world.options.answer_within;
    let Some(press) = press.filter(|press| press.at + late >= world.clock.now()) else {
        return Err(Refusal::bad(
            "query is too old and response timeout expired or query ID is invalid",
        ));
    };
    world.show(Shown {
        query: id.into_owned(),
        person: press.person,
        text,
        alert: params.flag("show_alert"),
    });
    Ok(Done::yes())
}
