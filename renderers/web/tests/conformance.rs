//! The suite of every renderer, on the page as an HTML parser reads it.

use lorikeet_chat::{
    Capabilities, FileLimits, MenuLimits, Rendered, Screen, Stamp, Support, TextLimits, TextUnit,
};
use lorikeet_renderer_suite::{Rendering, Target};
use lorikeet_renderer_web::{FILL_FORM, PRESS_FORM, Payload, TOKEN};
use scraper::{ElementRef, Html, Node};

struct Web;

impl Rendering for Web {
    type Message = Payload;
    // One message takes every control: what a room has no place for is folded away, not put on another page.
    type Page = ();

    fn render(screen: &Screen, stamp: Stamp, room: &Capabilities, (): &()) -> Rendered<Payload> {
        lorikeet_renderer_web::render(screen, stamp, room)
    }

    fn targets(message: &Payload) -> Vec<Target> {
        elements(&parse(message)).filter_map(target).collect()
    }

    fn texts(message: &Payload) -> Vec<String> {
        let page = parse(message);
        let mut runs = vec![String::new()];
        read(page.root_element(), &mut runs);
        runs
    }

    fn skeleton(message: &Payload) -> String {
        let page = parse(message);
        elements(&page)
            .map(|element| {
                let element = element.value();
                let names: Vec<&str> = element.attrs().map(|(name, _)| name).collect();
                let class = element.attr("class").unwrap_or_default();
                format!("<{} {} {class}>", element.name(), names.join(" "))
            })
            .collect()
    }

    fn check(message: &Payload, room: &Capabilities) -> Result<(), String> {
        let page = parse(message);
        let roots = page.root_element().child_elements().count();
        if roots != 1 {
            return Err(format!("{roots} elements instead of one"));
        }
        let most = |what: &str, is: usize, most: u32| {
            let fits = u32::try_from(is).is_ok_and(|is| is <= most);
            fits.then_some(())
                .ok_or_else(|| format!("{is} {what} where {most} are allowed"))
        };
        let mut words = 0;
        let mut controls = 0;
        for element in elements(&page) {
            words += body(element, room.text.unit);
            if is_label(element) {
                let label: String = element.text().collect();
                most(
                    "characters of a label",
                    label.chars().count(),
                    room.menu.label,
                )?;
            }
            if has_class(element, "menu") && !within(element, &["more", "form", "confirm"]) {
                controls += element
                    .child_elements()
                    .filter(|child| !has_class(*child, "confirm"))
                    .count();
            }
            if has_class(element, "options") {
                most(
                    "options",
                    element.child_elements().count(),
                    room.menu.options,
                )?;
            }
            if let Some(columns) = element
                .value()
                .classes()
                .find_map(|c| c.strip_prefix("columns-"))
            {
                let columns = columns.parse().map_err(|_| "columns without a number")?;
                most("columns", columns, room.menu.per_row)?;
            }
        }
        most("controls", controls, room.menu.total)?;
        most("units of text", words, room.text.message)
    }

    fn best_room() -> Capabilities {
        Capabilities {
            text: TextLimits {
                message: 100_000,
                unit: TextUnit::Chars,
                rich: Support::Full,
            },
            menu: MenuLimits {
                buttons: Support::Full,
                per_row: 6,
                total: 100,
                label: 120,
                options: 60,
            },
            files: FileLimits {
                receive: u64::MAX,
                send: u64::MAX,
                per_message: 50,
            },
            images: Support::Full,
            forms: Support::Full,
            edits: Support::Full,
            edits_per_minute: 60,
        }
    }
}

fn parse(message: &Payload) -> Html {
    Html::parse_fragment(&message.html)
}

fn elements(page: &Html) -> impl Iterator<Item = ElementRef<'_>> {
    page.root_element().descendent_elements()
}

fn has_class(element: ElementRef<'_>, class: &str) -> bool {
    element.value().classes().any(|other| other == class)
}

/// Whether an element is inside of one that has any of these classes.
fn within(element: ElementRef<'_>, classes: &[&str]) -> bool {
    element
        .ancestors()
        .filter_map(ElementRef::wrap)
        .any(|above| classes.iter().any(|class| has_class(above, class)))
}

/// A button that submits a token, by one of the page's forms and under a name, or a link.
fn target(element: ElementRef<'_>) -> Option<Target> {
    let value = element.value();
    if value.name() == "a" && has_class(element, "link") {
        return value.attr("href").map(|url| Target::Open {
            url: url.to_owned(),
        });
    }
    let form = value.attr("form");
    let submits = value.name() == "button"
        && value.attr("type") == Some("submit")
        && value.attr("name") == Some(TOKEN)
        && (form == Some(PRESS_FORM) || form == Some(FILL_FORM));
    let label: String = element.text().collect();
    // Without words a button has no name for a screen reader: it is not reachable for everybody.
    if !submits || label.trim().is_empty() {
        return None;
    }
    let token = value.attr("value")?.parse().ok()?;
    Some(Target::Press { token, label })
}

/// What is read below an element, a run for each stretch without other than inline markup. The page's script shows the
/// hint and the value of the awaited input in its composer.
fn read(element: ElementRef<'_>, runs: &mut Vec<String>) {
    let value = element.value();
    for attribute in ["data-hint", "data-value"] {
        runs.extend(value.attr(attribute).map(str::to_owned));
    }
    if value.name() == "input" {
        runs.extend(value.attr("value").map(str::to_owned));
    }
    let inline = ["strong", "code"].contains(&value.name());
    if !inline {
        runs.push(String::new());
    }
    // The chart's description is for who does not see it.
    for child in element.children().filter(|_| value.name() != "desc") {
        match child.value() {
            Node::Text(text) => {
                if let Some(run) = runs.last_mut() {
                    run.push_str(text);
                }
            }
            _ => {
                if let Some(child) = ElementRef::wrap(child) {
                    read(child, runs);
                }
            }
        }
    }
    if !inline {
        runs.push(String::new());
    }
}

fn is_label(element: ElementRef<'_>) -> bool {
    has_class(element, "button")
        || element.value().name() == "legend"
        || (has_class(element, "label") && within(element, &["option", "toggle"]))
        || (has_class(element, "number") && within(element, &["open"]))
}

/// The length of an element's own words, as far as they are the screen's and belong to the message's body.
fn body(element: ElementRef<'_>, unit: TextUnit) -> usize {
    const MARKS: &[&str] = &["mark", "percent", "size", "count", "tick", "button", "eta"];
    let name = element.value().name();
    let label = is_label(element) || name == "summary" || name == "textarea";
    let mark = MARKS.iter().any(|class| has_class(element, class))
        || ["desc", "b"].contains(&name)
        || element.text().eq(["–"]);
    if label || mark {
        return 0;
    }
    let own = element
        .children()
        .filter_map(|child| child.value().as_text().map(|text| unit.measure(text)));
    own.sum()
}

lorikeet_renderer_suite::conformance!(Web);
