//! Menus: groups of controls, each with its token.

use lorikeet_chat::{
    Board, BoardPlace, Button, Choice, Confirmation, Control, Group, Layout, OptionControl, Role,
    TileState, Toggle,
};
use maud::{Markup, html};

use crate::budget::Budget;
use crate::{Links, PRESS_FORM, Place, TOKEN, blocks};

/// A screen's controls. A form, if there is one, stands between the two: navigation comes last on the screen.
pub(crate) struct Menu {
    /// What the screen is about, and what the room had no place for, folded away.
    pub(crate) choices: Markup,
    /// Moving about.
    pub(crate) navigation: Markup,
}

/// The groups in reading order, navigation apart.
///
/// `index` is the next control's place in the action table and moves as [`Screen::actions`] counts.
///
/// [`Screen::actions`]: lorikeet_chat::Screen::actions
pub(crate) fn menu(
    groups: &[Group],
    place: &Place,
    index: &mut u32,
    budget: &mut Budget<'_>,
    links: &dyn Links,
) -> Menu {
    let mut shown = Vec::new();
    let mut navigation = Vec::new();
    let mut folded = Vec::new();
    for group in groups {
        let class = layout(group.layout, budget);
        let mut visible = Vec::new();
        for control in &group.controls {
            let fits = budget.control();
            let markup = self::control(control, place, index, budget, links);
            if fits {
                visible.push(markup);
            } else {
                folded.push(markup);
            }
        }
        if !visible.is_empty() {
            let markup = html! { div class=(class) { @for control in &visible { (control) } } };
            match group.layout {
                Layout::Navigation => navigation.push(markup),
                Layout::Row | Layout::Grid { .. } | Layout::List => shown.push(markup),
            }
        }
    }
    Menu {
        choices: html! { @for group in &shown { (group) } (fold(&folded)) },
        navigation: html! { @for group in &navigation { (group) } },
    }
}

fn layout(layout: Layout, budget: &mut Budget<'_>) -> String {
    match layout {
        Layout::Row => "menu row".to_owned(),
        Layout::Grid { columns } => format!("menu grid columns-{}", budget.columns(columns)),
        Layout::List => "menu lines".to_owned(),
        Layout::Navigation => "menu navigation".to_owned(),
    }
}

/// A disclosure that says how many more there are; language-neutral.
fn fold(folded: &[Markup]) -> Markup {
    html! {
        @if !folded.is_empty() {
            details.more {
                summary { "+" (folded.len()) }
                div.menu.lines { @for control in folded { (control) } }
            }
        }
    }
}

fn control(
    control: &Control,
    place: &Place,
    index: &mut u32,
    budget: &mut Budget<'_>,
    links: &dyn Links,
) -> Markup {
    match control {
        Control::Button(button) => self::button(button, place, index, budget),
        Control::Link { label, url } => link(label, url, budget),
        Control::Choice(choice) => self::choice(choice, place, index, budget),
        Control::Toggle(toggle) => self::toggle(toggle, place, index, budget),
        Control::Board(board) => self::board(board, place, index, budget, links),
    }
}

/// Places that open when pressed. What can be changed in place is left to the page's script, which finds the token of
/// an edit at the board; without a script an opened place does the same.
fn board(
    board: &Board,
    place: &Place,
    index: &mut u32,
    budget: &mut Budget<'_>,
    links: &dyn Links,
) -> Markup {
    let label = budget.text("board", &board.label);
    let tiles: Vec<Markup> = board
        .places
        .iter()
        .map(|spot| self::spot(spot, place, index, budget, links))
        .collect();
    let edit = board.edit.as_ref().map(|_| place.token(index));
    html! {
        div.board role="group" aria-label=(label) data-edit=[edit] data-max-chars=(board.max_chars) {
            p.caption dir="auto" { (label) }
            ul.sheet { @for tile in &tiles { (tile) } }
        }
    }
}

fn spot(
    spot: &BoardPlace,
    place: &Place,
    index: &mut u32,
    budget: &mut Budget<'_>,
    links: &dyn Links,
) -> Markup {
    let tile = &spot.tile;
    let token = spot.open.as_ref().map(|_| place.token(index));
    let label = match token {
        Some(_) => budget.label(&tile.label),
        None => budget.text("gallery", &tile.label),
    };
    let face = blocks::face(tile, &label, budget, links);
    html! {
        li class=(format!("tile {}", blocks::state(tile))) data-place=(tile.label) data-text=[spot.text.as_deref()]
            aria-busy=[(tile.state == TileState::Arriving).then_some("true")] {
            @if let Some(token) = token {
                button.open type="submit" form=(PRESS_FORM) name=(TOKEN) value=(token) { (face) }
            } @else {
                (face)
            }
        }
    }
}

fn button(button: &Button, place: &Place, index: &mut u32, budget: &mut Budget<'_>) -> Markup {
    let token = place.token(index);
    let class = match button.role {
        Role::Normal => "button",
        Role::Primary => "button primary",
        Role::Danger => "button danger",
    };
    let label = budget.label(&button.label);
    match &button.confirm {
        None => press(class, &token, html! { (label) }),
        Some(confirm) => confirmation(class, &token, &label, confirm, budget),
    }
}

/// A native popover: opens, closes and answers to Escape without a script.
fn confirmation(
    class: &str,
    token: &str,
    label: &str,
    confirm: &Confirmation,
    budget: &mut Budget<'_>,
) -> Markup {
    let id = format!("confirm-{token}");
    let question = format!("question-{token}");
    html! {
        button type="button" class=(class) popovertarget=(id) aria-haspopup="dialog" dir="auto" { (label) }
        div.confirm id=(id) popover="auto" role="dialog" aria-labelledby=(question) {
            p id=(question) dir="auto" { (budget.text("confirmation", &confirm.question)) }
            div.menu.row {
                button.button type="button" popovertarget=(id) popovertargetaction="hide" autofocus dir="auto" {
                    (budget.label(&confirm.keep))
                }
                (press(class, token, html! { (budget.label(&confirm.proceed)) }))
            }
        }
    }
}

/// The button that submits a token.
fn press(class: &str, token: &str, label: Markup) -> Markup {
    html! {
        button class=(class) type="submit" form=(PRESS_FORM) name=(TOKEN) value=(token) dir="auto" { (label) }
    }
}

fn link(label: &str, url: &str, budget: &mut Budget<'_>) -> Markup {
    let label = budget.label(label);
    // `//host` and `/\host` would leave the site; any scheme but these could run a script.
    let own = url.starts_with('/') && !url[1..].starts_with(['/', '\\']);
    let outside = url.starts_with("https://") || url.starts_with("http://");
    if outside {
        html! { a.button.link href=(url) target="_blank" rel="noopener noreferrer" dir="auto" { (label) } }
    } else if own {
        html! { a.button.link href=(url) dir="auto" { (label) } }
    } else {
        budget.replaced("link", "text");
        html! { span.button.link dir="auto" { (label) } }
    }
}

fn choice(choice: &Choice, place: &Place, index: &mut u32, budget: &mut Budget<'_>) -> Markup {
    let visible = budget.options(choice.options.len());
    let options: Vec<Markup> = choice
        .options
        .iter()
        .map(|option| self::option(option, choice.multiple, place, index, budget))
        .collect();
    let (shown, folded) = options.split_at(visible);
    html! {
        fieldset.choice.multiple[choice.multiple] {
            legend dir="auto" { (budget.label(&choice.label)) }
            div.options { @for option in shown { (option) } }
            (fold(folded))
        }
    }
}

fn option(
    option: &OptionControl,
    multiple: bool,
    place: &Place,
    index: &mut u32,
    budget: &mut Budget<'_>,
) -> Markup {
    let token = place.token(index);
    html! {
        button.option type="submit" form=(PRESS_FORM) name=(TOKEN) value=(token)
            aria-pressed=(option.selected) dir="auto" {
            span class=(if multiple { "box" } else { "dot" }) aria-hidden="true" {}
            span.words {
                span.label { (budget.label(&option.label)) }
                @if !option.hint.is_empty() { span.hint { (budget.text("option", &option.hint)) } }
            }
        }
    }
}

fn toggle(toggle: &Toggle, place: &Place, index: &mut u32, budget: &mut Budget<'_>) -> Markup {
    let token = place.token(index);
    html! {
        button.toggle type="submit" form=(PRESS_FORM) name=(TOKEN) value=(token)
            role="switch" aria-checked=(toggle.on) dir="auto" {
            span.label { (budget.label(&toggle.label)) }
            span.track aria-hidden="true" {}
        }
    }
}
