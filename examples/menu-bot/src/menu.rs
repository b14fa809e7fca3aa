//! The menu: one flow that is at home, a screen for each of its steps, and what a person counted, liked and switched.

use std::collections::BTreeSet;
use std::sync::Arc;

use lorikeet_chat::{Action, Control, Group, Prompt, Screen};
use lorikeet_dialog::{Catalog, Command, Context, Dialog, Opens, Unread, Who, texts};
use lorikeet_flow::{Change, Exits, Flow, Message, Refusal};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

const NAME: &str = "menu";
const PAGES: u8 = 10;
const ITEMS_PER_PAGE: u8 = 5;
const ITEMS: u8 = PAGES * ITEMS_PER_PAGE;
const MAX_NAME: u32 = 64;

lorikeet_flow::steps! {
    /// The screens. Their names are stored with people's sessions.
    enum Step {
        /// What there is.
        Main = "main",
        /// A number to count up and down.
        Counter = "counter",
        /// A page of items.
        List = "list",
        /// One item.
        Item = "item",
        /// Asks for a name.
        Name = "name",
        /// Greets by it.
        Hello = "hello",
        /// Sound on or off.
        Settings = "settings",
        /// A page to read.
        About = "about",
        /// Nothing more, until somebody asks for the menu.
        Closed = "closed",
    }
}

/// What a person did so far; lies in the conversation's session.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Menu {
    count: i64,
    liked: BTreeSet<u8>,
    muted: bool,
    /// From 0.
    page: u8,
    /// From 1.
    item: u8,
    name: String,
}

/// Everything is in the session: nothing has to be looked up.
type World = Context<()>;
type View = Result<Screen, Unread<std::convert::Infallible>>;
type Checked<T> = Result<T, Refusal<Unread<std::convert::Infallible>>>;

/// The bot's dialog.
pub(crate) fn dialog() -> anyhow::Result<Dialog<()>> {
    let catalog = Catalog::new([("en", texts::ENGLISH), ("en", include_str!("menu.ftl"))])?;
    let menu = Command {
        name: "menu",
        aliases: &["start"],
        summary: "command-menu",
        argument: None,
        pictures: None,
        who: Who::Everyone,
        opens: Opens::Home,
    };
    Ok(Dialog::builder(Arc::new(catalog), Arc::new(()), NAME)
        .flow(flow()?)?
        .command(menu)
        .build()?)
}

fn flow() -> anyhow::Result<Flow<Step, Menu, World>> {
    use Step::{About, Closed, Counter, Hello, Item, List, Main, Name, Settings};
    let flow = Flow::builder(NAME, 1)
        .start([Main], |_: Value, _: &World| {
            Ok(Change::to(Main, Menu::default()))
        })
        .step(Main, main_menu, |step| {
            step.jumps_to([Counter, Name, Settings, About, Closed])
                .on_value(
                    taken::<u8>,
                    |menu, page, _| Change::to(List, Menu { page, ..menu }),
                    Exits::to([List]),
                )
        })
        .step(Counter, counter, |step| {
            step.on_value(
                taken::<i64>,
                |menu, count, _| Change::stay(Menu { count, ..menu }),
                Exits::stay(),
            )
        })
        .step(List, list, |step| {
            step.on_value(taken::<Pick>, picked, Exits::to([Item]))
        })
        .step(Item, item, |step| {
            step.on_value(taken::<bool>, liked, Exits::stay())
        })
        .step(Name, name, |step| {
            // Nobody goes back to a question that is answered.
            step.passing().on_text(
                |_, text, _| Ok(text.trim().to_owned()),
                |menu, name, _| Change::to(Hello, Menu { name, ..menu }),
                Exits::to([Hello]),
            )
        })
        .step(Hello, hello, |step| step)
        .step(Settings, settings, |step| {
            step.on_value(
                taken::<bool>,
                |menu, muted, _| Change::stay(Menu { muted, ..menu }),
                Exits::stay(),
            )
        })
        .step(
            About,
            |_, world| Ok(title(world, Message::new("about-title"))),
            |step| step,
        )
        .step(
            Closed,
            |_, world| Ok(title(world, Message::new("closed-title"))),
            |step| step.one_way().resting(),
        )
        .build()?;
    Ok(flow)
}

/// A control's value needs no check beyond its type.
fn taken<T>(_: &Menu, value: T, _: &World) -> Checked<T> {
    Ok(value)
}

fn main_menu(_: &Menu, world: &World) -> View {
    let say = |id| world.texts.say(id);
    let jump = |id, step: &str| Control::button(say(id), Action::Jump(step.to_owned()));
    Ok(title(world, Message::new("menu-title")).group(Group::grid(
        2,
        [
            jump("menu-counter", "counter"),
            Control::button(say("menu-list"), Action::Input(json!(0))),
            jump("menu-name", "name"),
            jump("menu-settings", "settings"),
            jump("menu-about", "about"),
            jump("menu-close", "closed"),
        ],
    )))
}

fn counter(menu: &Menu, world: &World) -> View {
    let set = |label: &str, count: i64| Control::button(label, Action::Input(json!(count)));
    let message = Message::new("counter-title").text("count", menu.count.to_string());
    Ok(title(world, message).group(Group::row([
        set("-1", menu.count.saturating_sub(1)),
        set("+1", menu.count.saturating_add(1)),
        set(&world.texts.say("counter-reset"), 0),
    ])))
}

/// What can be chosen on a page of the list.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum Pick {
    Page(u8),
    Item(u8),
}

fn list(menu: &Menu, world: &World) -> View {
    let button = |label: &str, pick: Pick| Control::button(label, Action::Input(json!(pick)));
    let first = menu.page * ITEMS_PER_PAGE + 1;
    let items = (first..first + ITEMS_PER_PAGE).map(|item| {
        let label = Message::new("list-item").number("item", item);
        button(&world.texts.format(&label), Pick::Item(item))
    });
    let message = Message::new("list-title").number("page", menu.page + 1);
    Ok(title(world, message)
        .group(Group::grid(1, items))
        .group(Group::row([
            button("<", Pick::Page(menu.page.saturating_sub(1))),
            button(">", Pick::Page((menu.page + 1).min(PAGES - 1))),
        ])))
}

fn picked(menu: Menu, pick: Pick, _: &World) -> Change<Step, Menu> {
    match pick {
        Pick::Page(page) => Change::stay(Menu {
            page: page.min(PAGES - 1),
            ..menu
        }),
        Pick::Item(item) => Change::to(
            Step::Item,
            Menu {
                item: item.clamp(1, ITEMS),
                ..menu
            },
        ),
    }
}

fn item(menu: &Menu, world: &World) -> View {
    let is_liked = menu.liked.contains(&menu.item);
    let message = Message::new("item-title")
        .number("item", menu.item)
        .text("liked", if is_liked { "yes" } else { "no" });
    let like = Control::button(
        world.texts.say("item-like"),
        Action::Input(json!(!is_liked)),
    );
    Ok(title(world, message).group(Group::row([like])))
}

fn liked(mut menu: Menu, like: bool, _: &World) -> Change<Step, Menu> {
    if like {
        menu.liked.insert(menu.item);
    } else {
        menu.liked.remove(&menu.item);
    }
    Change::stay(menu)
}

fn name(_: &Menu, world: &World) -> View {
    let hint = world.texts.say("name-title");
    let cancel = Control::button(world.texts.say("name-cancel"), Action::Back);
    Ok(Screen::new()
        .prompt(Prompt::Text {
            hint,
            value: String::new(),
            max_chars: MAX_NAME,
            multiline: false,
        })
        .group(Group::row([cancel])))
}

fn hello(menu: &Menu, world: &World) -> View {
    Ok(title(
        world,
        Message::new("hello-title").text("name", menu.name.clone()),
    ))
}

fn settings(menu: &Menu, world: &World) -> View {
    let sound = if menu.muted { "off" } else { "on" };
    let label = Message::new("settings-sound").text("sound", sound);
    let switch = Control::button(
        world.texts.format(&label),
        Action::Input(json!(!menu.muted)),
    );
    Ok(
        title(world, Message::new("settings-title").text("sound", sound))
            .group(Group::row([switch])),
    )
}

/// A screen begins with what it is. The way back is the dialog's to add.
fn title(world: &World, message: Message) -> Screen {
    Screen::new().heading(world.texts.format(&message))
}
