//! A screen as plain text, the way a transcript would have it.

use lorikeet_chat::{Block, Control, Level, Prompt, Screen, Span, Tile, TileState};

/// Every word on a screen, in reading order.
pub(crate) fn text(screen: &Screen) -> String {
    let mut lines: Vec<String> = screen.blocks.iter().flat_map(block).collect();
    for group in &screen.menu {
        let controls: Vec<String> = group.controls.iter().map(control).collect();
        lines.push(controls.join(" "));
    }
    lines.extend(screen.prompt.iter().flat_map(prompt));
    lines.join("\n")
}

fn block(block: &Block) -> Vec<String> {
    match block {
        Block::Heading(text) => vec![format!("# {text}")],
        Block::Paragraph(spans) => vec![spans.iter().map(span).collect()],
        Block::Fields(fields) => fields
            .iter()
            .map(|field| format!("{}: {}", field.label, field.value))
            .collect(),
        Block::List(items) => items.iter().map(|item| format!("- {item}")).collect(),
        Block::Image { alt, .. } => vec![format!("(picture: {alt})")],
        Block::Gallery(tiles) => vec![format!("(contact sheet: {})", sheet(tiles))],
        Block::Progress {
            fraction, label, ..
        } => vec![match fraction {
            Some(fraction) => format!("({:.0} %) {label}", fraction * 100.0),
            None => format!("(…) {label}"),
        }],
        Block::Chart(chart) => vec![format!("(chart: {}, {})", chart.title, chart.x_label)],
        Block::File(file) => vec![format!("(file: {}, {} bytes)", file.name, file.size)],
        Block::Notice { level, text } => vec![format!("{} {text}", mark(*level))],
        Block::Steps { labels, current } => {
            let current = usize::try_from(*current).unwrap();
            vec![format!("({})", labels[current])]
        }
    }
}

fn sheet<'a>(tiles: impl IntoIterator<Item = &'a Tile>) -> String {
    let tiles = tiles.into_iter();
    let filled = tiles.filter(|tile| tile.state != TileState::Empty);
    let filled: Vec<String> = filled
        .map(|tile| match (tile.state, tile.note.as_str()) {
            (TileState::Problem, note) => format!("{}! {note}", tile.label),
            (_, "") => tile.label.clone(),
            (_, note) => format!("{} {note}", tile.label),
        })
        .collect();
    filled.join(" | ")
}

fn mark(level: Level) -> &'static str {
    match level {
        Level::Info => "(i)",
        Level::Success => "(ok)",
        Level::Warning => "(!)",
        Level::Error => "(!!)",
    }
}

fn span(span: &Span) -> &str {
    match span {
        Span::Plain(text) | Span::Strong(text) | Span::Code(text) => text,
    }
}

fn control(control: &Control) -> String {
    match control {
        Control::Button(button) => match &button.confirm {
            None => format!("[{}]", button.label),
            Some(asked) => format!(
                "[{} → {} {} / {}]",
                button.label, asked.question, asked.proceed, asked.keep
            ),
        },
        Control::Link { label, url } => format!("[{label} → {url}]"),
        Control::Choice(choice) => {
            let options: Vec<String> = choice
                .options
                .iter()
                .map(|option| {
                    let mark = if option.selected { "•" } else { "◦" };
                    match option.hint.as_str() {
                        "" => format!("{mark} {}", option.label),
                        hint => format!("{mark} {} ({hint})", option.label),
                    }
                })
                .collect();
            format!("{}: {}", choice.label, options.join(" "))
        }
        Control::Toggle(toggle) => format!("[{}: {}]", toggle.label, toggle.on),
        Control::Board(board) => {
            let tiles = board.places.iter().map(|place| &place.tile);
            format!("{} (board: {})", board.label, sheet(tiles))
        }
    }
}

fn prompt(prompt: &Prompt) -> Vec<String> {
    match prompt {
        Prompt::Text { hint, value, .. } => vec![format!("> {hint} {value}").trim_end().to_owned()],
        Prompt::Number { hint, .. } => vec![format!("> {hint}")],
        Prompt::Images { hint, have, .. } => vec![format!("> {hint} ({have} so far)")],
        Prompt::Form {
            title,
            fields,
            submit,
            ..
        } => {
            let mut lines = vec![format!("> {title}")];
            lines.extend(fields.iter().map(|field| {
                let line = format!("  {} ({}): {}", field.label, field.hint, field.value);
                match field.problem.as_str() {
                    "" => line,
                    problem => format!("{line} !! {problem}"),
                }
            }));
            lines.push(format!("  [{submit}]"));
            lines
        }
    }
}

/// What the edits of a board are called.
pub(crate) const EDIT: &str = "(edit)";

/// Labels of everything that can be pressed, in the order of the action table.
pub(crate) fn labels(screen: &Screen) -> Vec<String> {
    let mut labels = Vec::new();
    for control in screen.menu.iter().flat_map(|group| &group.controls) {
        match control {
            Control::Button(button) => labels.push(button.label.clone()),
            Control::Link { .. } => {}
            Control::Choice(choice) => {
                labels.extend(choice.options.iter().map(|option| option.label.clone()));
            }
            Control::Toggle(toggle) => labels.push(toggle.label.clone()),
            Control::Board(board) => {
                let open = board.places.iter().filter(|place| place.open.is_some());
                labels.extend(open.map(|place| place.tile.label.clone()));
                labels.extend(board.edit.iter().map(|_| EDIT.to_owned()));
            }
        }
    }
    if let Some(Prompt::Form { submit, .. }) = &screen.prompt {
        labels.push(submit.clone());
    }
    labels
}
