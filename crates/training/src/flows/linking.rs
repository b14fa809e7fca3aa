//! Joining what a person has on several platforms, and parting it again.

use lorikeet_chat::{
    Action, Block, Confirmation, Control, Field, Group, Level, PlatformId, Prompt, Screen,
    Timestamp,
};
use lorikeet_flow::{
    Change, Defects, Exits, Flow, Message, Notice, Refusal, Rejection, StepBuilder, Wish,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::show;
use super::told::{ACCOUNTS_FAILED, Failed};
use crate::domain::{Ctx, Reads as _, Wait};
use crate::wire::{self, AccountNews, AccountRequest, LinkNews};
use crate::{Account, LinkCode, Owner};

/// The flow that joins.
pub(super) const NAME: &str = "link";
/// The flow that parts.
pub(super) const PARTING: &str = "unlink";

lorikeet_flow::steps! {
    /// The steps of joining.
    pub(super) enum Step {
        /// Who is joined, a code to give, a place for one.
        Desk = "desk",
        /// Others read along.
        Open = "open",
    }
}

lorikeet_flow::steps! {
    /// The steps of parting.
    pub(super) enum Parting {
        /// Whether to.
        Ask = "ask",
        /// Others read along.
        Open = "open",
    }
}

/// What is on the desk.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Desk {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code: Option<Code>,
    /// Something was asked for and has not come yet.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    waiting: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Code {
    code: LinkCode,
    until: Timestamp,
}

/// What may be typed after the command.
#[derive(Default, Deserialize)]
struct Given {
    #[serde(default)]
    code: Option<String>,
}

/// What the controls do.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Press {
    Ask,
    Part,
}

pub(super) fn flow() -> Result<Flow<Step, Desk, Ctx>, Defects> {
    Flow::builder(NAME, 1)
        .start([Step::Desk, Step::Open], begin)
        .step(Step::Desk, desk, on_desk)
        .step(Step::Open, open, StepBuilder::resting)
        .on_background(wire::LINK_NEWS, |_, news: LinkNews, _| Ok(news), heard)
        .on_background(
            ACCOUNTS_FAILED,
            |_, _: Failed, _| Ok(()),
            |desk, (), _| {
                let desk = Desk {
                    waiting: false,
                    ..desk
                };
                Change::stay(desk).say(Level::Error, Message::new("link-not-done"))
            },
        )
        .build()
}

/// What is asked for when somebody chooses a language.
pub(super) fn spoke(language: &str) -> Wish {
    let language = language.to_owned();
    AccountRequest::Speak { language }.into()
}

/// A code that others read must not count any more.
fn begin(given: Given, ctx: &Ctx) -> Result<Change<Step, Desk>, Refusal<Wait>> {
    let typed = given.code.unwrap_or_default();
    let typed = typed.trim();
    let code = LinkCode::parse(typed);
    if !ctx.sender.private {
        let change = Change::to(Step::Open, Desk::default());
        return Ok(match code {
            Some(code) => change
                .wish(AccountRequest::Spoil { code }.into())
                .say(Level::Warning, Message::new("link-spoilt")),
            None => change,
        });
    }
    Ok(match code {
        Some(code) => redeem(Change::to, Desk::default(), code),
        None if typed.is_empty() => Change::to(Step::Desk, Desk::default()),
        None => Change::to(Step::Desk, Desk::default()).say(Level::Error, Message::new("link-odd")),
    })
}

fn redeem(
    to: impl FnOnce(Step, Desk) -> Change<Step, Desk>,
    desk: Desk,
    code: LinkCode,
) -> Change<Step, Desk> {
    let desk = Desk {
        waiting: true,
        ..desk
    };
    to(Step::Desk, desk).wish(AccountRequest::Redeem { code }.into())
}

fn desk(desk: &Desk, ctx: &Ctx) -> Result<Screen, Wait> {
    let t = &ctx.texts;
    let mut screen = Screen::new()
        .heading(t.say("link-title"))
        .text(t.say("link-intro"));
    if let Some(joined) = ctx.account()?.and_then(|account| joined(account, ctx)) {
        screen = screen.block(joined);
    }
    let counting = desk.code.as_ref().filter(|code| ctx.now < code.until);
    if let Some(code) = counting {
        let left = code.until.since(ctx.now).as_secs_f64();
        let message = Message::new("link-code")
            .text("code", code.code.to_string())
            .text("left", show::duration(left, ctx));
        screen = screen
            .block(Block::Fields(vec![Field::new(
                t.say("link-code-label"),
                code.code.to_string(),
            )]))
            .text(t.format(&message));
    }
    if desk.waiting {
        screen = screen.notice(Level::Info, t.say("link-waiting"));
    }
    let ask = Control::primary(t.say("link-ask"), Action::Input(json!(Press::Ask)));
    Ok(screen.group(Group::row([ask])).prompt(Prompt::Text {
        hint: t.say("link-hint"),
        value: String::new(),
        max_chars: 20,
        multiline: false,
    }))
}

/// The identities of an account that has several.
fn joined(account: &Account, ctx: &Ctx) -> Option<Block> {
    if account.members().len() < 2 {
        return None;
    }
    let own = Owner::of(&ctx.conversation);
    let line = |owner: &Owner| {
        let here = if *owner == own {
            "link-here"
        } else {
            "link-there"
        };
        Field::new(platform(&owner.platform), ctx.texts.say(here))
    };
    let lines = account.members().iter().map(|member| line(&member.owner));
    Some(Block::Fields(lines.collect()))
}

/// A platform's id as a name.
fn platform(id: &PlatformId) -> String {
    let mut letters = id.as_str().chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

fn on_desk(step: StepBuilder<Step, Desk, Ctx>) -> StepBuilder<Step, Desk, Ctx> {
    // It is read and left: nothing comes of it but what is said.
    step.resting()
        .on_value(
            |_, _: Press, ctx| Ok(ctx.texts.locale().to_owned()),
            |_, language, _| {
                let desk = Desk {
                    code: None,
                    waiting: true,
                };
                Change::stay(desk).wish(AccountRequest::Offer { language }.into())
            },
            Exits::stay(),
        )
        .on_text(
            |_, typed, _| LinkCode::parse(typed).ok_or_else(|| Rejection::new("link-odd").into()),
            |desk, code, _| redeem(|_, desk| Change::stay(desk), desk, code),
            Exits::stay(),
        )
}

fn heard(desk: Desk, news: LinkNews, ctx: &Ctx) -> Change<Step, Desk> {
    let notice = said(&news, ctx);
    let code = match news {
        LinkNews::Code { code, until } => Some(Code { code, until }),
        LinkNews::Joined { .. } => None,
        _ => desk.code,
    };
    let change = Change::stay(Desk {
        code,
        waiting: false,
    });
    match notice {
        Some(Notice { level, message }) => change.say(level, message),
        None => change,
    }
}

/// The sentence for what came of it; none for a code, which is seen.
pub(super) fn said(news: &LinkNews, ctx: &Ctx) -> Option<Notice> {
    let (level, message) = match news {
        LinkNews::Code { .. } => return None,
        LinkNews::Joined { with, loras } => (
            Level::Success,
            Message::new("link-joined")
                .text("platform", platform(with))
                .number("loras", show::number(*loras)),
        ),
        LinkNews::Wrong { left } => (
            Level::Error,
            Message::new("link-wrong").number("left", *left),
        ),
        LinkNews::Wait { until } => {
            let left = until.since(ctx.now).as_secs_f64();
            let message = Message::new("link-wait").text("left", show::duration(left, ctx));
            (Level::Error, message)
        }
        LinkNews::Own => (Level::Error, Message::new("link-own")),
        LinkNews::Already => (Level::Info, Message::new("link-already")),
        LinkNews::Full => {
            let most = show::number(Account::MEMBERS);
            let message = Message::new("link-full").number("most", most);
            (Level::Error, message)
        }
        LinkNews::Parted => (Level::Success, Message::new("link-parted")),
    };
    Some(Notice { level, message })
}

/// The sentence for what another identity did.
pub(super) fn told(news: &AccountNews) -> Option<Notice> {
    let (level, id, of) = match news {
        AccountNews::Joined { platform } => (Level::Success, "link-told-joined", platform),
        AccountNews::Parted { platform } => (Level::Info, "link-told-parted", platform),
        AccountNews::Speaks { .. } => return None,
    };
    let message = Message::new(id).text("platform", platform(of));
    Some(Notice { level, message })
}

fn open(_: &Desk, ctx: &Ctx) -> Result<Screen, Wait> {
    Ok(in_private("link-title", ctx))
}

fn in_private(title: &str, ctx: &Ctx) -> Screen {
    let t = &ctx.texts;
    Screen::new()
        .heading(t.say(title))
        .text(t.say("link-private"))
}

pub(super) fn parting() -> Result<Flow<Parting, Desk, Ctx>, Defects> {
    Flow::builder(PARTING, 1)
        .start([Parting::Ask, Parting::Open], |_: Value, ctx: &Ctx| {
            let step = if ctx.sender.private {
                Parting::Ask
            } else {
                Parting::Open
            };
            Ok(Change::to(step, Desk::default()))
        })
        .step(Parting::Ask, ask, |step| {
            step.resting().on_value(
                |_, _: Press, _| Ok(()),
                |desk, (), _| Change::stay(desk).wish(AccountRequest::Part.into()),
                Exits::stay(),
            )
        })
        .step(
            Parting::Open,
            |_, ctx| Ok(in_private("unlink-title", ctx)),
            StepBuilder::resting,
        )
        .on_background(
            wire::LINK_NEWS,
            |_, news: LinkNews, _| Ok(news),
            |desk, news, ctx| match said(&news, ctx) {
                Some(notice) => Change::stay(desk).say(notice.level, notice.message),
                None => Change::stay(desk),
            },
        )
        .build()
}

fn ask(_: &Desk, ctx: &Ctx) -> Result<Screen, Wait> {
    let t = &ctx.texts;
    let screen = Screen::new().heading(t.say("unlink-title"));
    let Some(joined) = ctx.account()?.and_then(|account| joined(account, ctx)) else {
        return Ok(screen.text(t.say("unlink-alone")));
    };
    let confirm = Confirmation {
        question: t.say("unlink-question"),
        proceed: t.say("unlink-proceed"),
        keep: t.say("unlink-keep"),
    };
    let part = Control::danger(
        t.say("unlink-part"),
        Action::Input(json!(Press::Part)),
        confirm,
    );
    Ok(screen
        .text(t.say("unlink-intro"))
        .block(joined)
        .group(Group::row([part])))
}
