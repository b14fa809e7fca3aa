//! Every text of a screen, and the name of the part it belongs to.

use lorikeet_chat::{Block, Capabilities, Control, Prompt, Screen, Span, Support};

/// When a text has to be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    Always,
    /// It stands for a picture.
    InsteadOfImages,
}

/// One text: the part it belongs to as [`Degradation`](lorikeet_chat::Degradation)s call it, and when it is seen.
type Visit<'v> = dyn FnMut(&'static str, Seen, &mut String) + 'v;

/// Visits every text, in the order of the screen's parts.
pub(crate) fn each(screen: &mut Screen, visit: &mut Visit<'_>) {
    for block in &mut screen.blocks {
        self::block(block, visit);
    }
    for control in screen.menu.iter_mut().flat_map(|group| &mut group.controls) {
        self::control(control, visit);
    }
    if let Some(prompt) = &mut screen.prompt {
        self::prompt(prompt, visit);
    }
}

/// The texts that a room has to show, with their parts.
pub(crate) fn seen(screen: &Screen, room: &Capabilities) -> Vec<(&'static str, String)> {
    let mut texts = Vec::new();
    each(&mut screen.clone(), &mut |part, seen, text| {
        if seen == Seen::Always || room.images < Support::Partial {
            texts.push((part, std::mem::take(text)));
        }
    });
    texts
}

fn block(block: &mut Block, visit: &mut Visit<'_>) {
    use Seen::Always;
    match block {
        Block::Heading(text) => visit("heading", Always, text),
        Block::Paragraph(spans) => {
            for span in spans {
                let (Span::Plain(text) | Span::Strong(text) | Span::Code(text)) = span;
                visit("paragraph", Always, text);
            }
        }
        Block::Fields(fields) => {
            for field in fields {
                visit("fields", Always, &mut field.label);
                visit("fields", Always, &mut field.value);
            }
        }
        Block::List(items) => {
            for item in items {
                visit("list", Always, item);
            }
        }
        Block::Image { alt, .. } => visit("image", Seen::InsteadOfImages, alt),
        Block::Gallery(tiles) => {
            for tile in tiles {
                visit("gallery", Always, &mut tile.label);
                visit("gallery", Always, &mut tile.note);
            }
        }
        Block::Progress { label, .. } => visit("progress", Always, label),
        Block::Chart(chart) => {
            visit("chart", Always, &mut chart.title);
            for series in &mut chart.series {
                visit("chart", Always, &mut series.name);
            }
            visit("chart", Always, &mut chart.x_label);
        }
        Block::File(file) => visit("file", Always, &mut file.name),
        Block::Notice { text, .. } => visit("notice", Always, text),
        Block::Steps { labels, .. } => {
            for label in labels {
                visit("steps", Always, label);
            }
        }
    }
}

fn control(control: &mut Control, visit: &mut Visit<'_>) {
    use Seen::Always;
    match control {
        Control::Button(button) => {
            visit("label", Always, &mut button.label);
            if let Some(confirm) = &mut button.confirm {
                visit("confirmation", Always, &mut confirm.question);
                visit("label", Always, &mut confirm.proceed);
                visit("label", Always, &mut confirm.keep);
            }
        }
        Control::Link { label, .. } => visit("label", Always, label),
        Control::Choice(choice) => {
            visit("label", Always, &mut choice.label);
            for option in &mut choice.options {
                visit("label", Always, &mut option.label);
                visit("option", Always, &mut option.hint);
            }
        }
        Control::Toggle(toggle) => visit("label", Always, &mut toggle.label),
        Control::Board(board) => {
            visit("board", Always, &mut board.label);
            for place in &mut board.places {
                let part = if place.open.is_some() {
                    "label"
                } else {
                    "gallery"
                };
                visit(part, Always, &mut place.tile.label);
                visit("gallery", Always, &mut place.tile.note);
            }
        }
    }
}

fn prompt(prompt: &mut Prompt, visit: &mut Visit<'_>) {
    use Seen::Always;
    match prompt {
        Prompt::Text { hint, value, .. } => {
            visit("prompt", Always, hint);
            visit("prompt", Always, value);
        }
        Prompt::Number { hint, .. } | Prompt::Images { hint, .. } => visit("prompt", Always, hint),
        Prompt::Form {
            title,
            fields,
            submit,
            ..
        } => {
            visit("form", Always, title);
            for field in fields {
                visit("form", Always, &mut field.label);
                visit("form", Always, &mut field.hint);
                visit("form", Always, &mut field.value);
                visit("form", Always, &mut field.problem);
            }
            visit("label", Always, submit);
        }
    }
}
