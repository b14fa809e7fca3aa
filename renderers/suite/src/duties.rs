//! What a screen obliges a renderer to make reachable.

use lorikeet_chat::{Control, Prompt, Screen};

/// What there is to do about an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Duty {
    /// It must be reachable.
    Must,
    /// It may be left out: an opened place of its board does the same.
    May,
}

/// The duty to each action, by its index in [`Screen::actions`].
pub(crate) fn actions(screen: &Screen) -> Vec<Duty> {
    let mut duties = Vec::new();
    for control in screen.menu.iter().flat_map(|group| &group.controls) {
        match control {
            Control::Button(_) | Control::Toggle(_) => duties.push(Duty::Must),
            Control::Choice(choice) => duties.extend(choice.options.iter().map(|_| Duty::Must)),
            Control::Link { .. } => {}
            Control::Board(board) => {
                let open = board.places.iter().filter(|place| place.open.is_some());
                duties.extend(open.map(|_| Duty::Must));
                duties.extend(board.edit.iter().map(|_| Duty::May));
            }
        }
    }
    if let Some(Prompt::Form { .. }) = screen.prompt {
        duties.push(Duty::Must);
    }
    duties
}

/// The addresses of a screen's links.
pub(crate) fn links(screen: &Screen) -> Vec<&str> {
    let controls = screen.menu.iter().flat_map(|group| &group.controls);
    controls
        .filter_map(|control| match control {
            Control::Link { url, .. } => Some(url.as_str()),
            Control::Button(_) | Control::Toggle(_) | Control::Choice(_) | Control::Board(_) => {
                None
            }
        })
        .collect()
}

/// Whether any platform would open an address: plain ASCII, `https`, a host with a dot.
pub(crate) fn opens_anywhere(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("https://") else {
        return false;
    };
    let host = rest.split('/').next().unwrap_or_default();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~/?=&%".contains(c);
    host.contains('.')
        && host.chars().all(|c| c.is_ascii_alphanumeric() || c == '.')
        && rest.chars().all(plain)
        && url.len() <= 200
}
