//! What is wrong with a definition, found when it is built rather than when somebody is in it.

use std::fmt;

use crate::definition::StepDefinition;
use crate::{Context, Flow, InputKind, Step};

/// Everything wrong with a definition.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Defects(
    /// At least one.
    pub Vec<Defect>,
);

impl fmt::Display for Defects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the flow is not sound")?;
        for defect in &self.0 {
            write!(f, "; {defect}")?;
        }
        Ok(())
    }
}

/// Something wrong with a definition.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Defect {
    /// The flow never says how it starts.
    #[error("it has no start")]
    NoStart,
    /// The name of a step, of the flow or of a flow it calls is not of the kind stored and drawn.
    #[error("`{0}` is no name: lower-case letters, digits and `_`, beginning with a letter")]
    Name(&'static str),
    /// Two steps have the same name.
    #[error("two steps are called `{0}`")]
    SameName(&'static str),
    /// A step of the enum is not defined.
    #[error("the step `{0}` is not defined")]
    Undefined(&'static str),
    /// A step is defined more than once.
    #[error("the step `{0}` is defined twice")]
    DefinedTwice(&'static str),
    /// A step leads to one that is not defined.
    #[error("`{from}` leads to `{to}`, which is not defined")]
    Target {
        /// The step, or `start`.
        from: &'static str,
        /// Where it leads.
        to: &'static str,
    },
    /// Nothing leads to a step.
    #[error("nothing leads to the step `{0}`")]
    Unreachable(&'static str),
    /// There is no way out of a step but cancelling: no other step, no end, no other flow, nothing to go back to.
    #[error("there is no way out of the step `{0}` but cancelling")]
    DeadEnd(&'static str),
    /// A step takes the same kind of input twice; the second handler would never run.
    #[error("`{step}` takes the same {kind} input twice")]
    TakenTwice {
        /// The step, or the flow's name for a handler that works everywhere.
        step: &'static str,
        /// The kind of input.
        kind: InputKind,
    },
    /// A step calls a flow whose result it does not take.
    #[error("`{step}` calls `{flow}` but does not take its result")]
    NoReturn {
        /// The step.
        step: &'static str,
        /// The called flow.
        flow: &'static str,
    },
    /// A step takes the result of a flow it never calls.
    #[error("`{step}` takes the result of `{flow}` but never calls it")]
    NoCall {
        /// The step.
        step: &'static str,
        /// The flow.
        flow: &'static str,
    },
    /// Migrations are missing, doubled or beyond the version.
    #[error("the migrations from {from:?} do not lead to version {version} one by one")]
    Migrations {
        /// The versions there are migrations from, in order.
        from: Vec<u32>,
        /// The definition's version.
        version: u32,
    },
}

/// Everything wrong with a definition, in the order of its steps.
pub(crate) fn defects<S: Step, T, C: Context + ?Sized>(flow: &Flow<S, T, C>) -> Vec<Defect> {
    let mut defects = Vec::new();
    names(flow, &mut defects);
    steps(flow, &mut defects);
    inputs(flow, &mut defects);
    targets(flow, &mut defects);
    exits(flow, &mut defects);
    migrations(flow, &mut defects);
    defects
}

fn names<S: Step, T, C: Context + ?Sized>(flow: &Flow<S, T, C>, defects: &mut Vec<Defect>) {
    let steps = S::ALL.iter().map(|step| step.name());
    let handlers = flow.steps.iter().flat_map(|step| &step.handlers);
    let calls = handlers.flat_map(|handler| handler.exits.calls.iter().copied());
    for name in [flow.name].into_iter().chain(steps).chain(calls) {
        let valid = name.starts_with(|first: char| first.is_ascii_lowercase())
            && name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if !valid {
            defects.push(Defect::Name(name));
        }
    }
    for (place, step) in S::ALL.iter().enumerate() {
        if S::ALL
            .iter()
            .take(place)
            .any(|other| other.name() == step.name())
        {
            defects.push(Defect::SameName(step.name()));
        }
    }
}

fn steps<S: Step, T, C: Context + ?Sized>(flow: &Flow<S, T, C>, defects: &mut Vec<Defect>) {
    for step in S::ALL {
        match flow
            .steps
            .iter()
            .filter(|known| known.step == *step)
            .count()
        {
            0 => defects.push(Defect::Undefined(step.name())),
            1 => {}
            _ => defects.push(Defect::DefinedTwice(step.name())),
        }
    }
}

fn inputs<S: Step, T, C: Context + ?Sized>(flow: &Flow<S, T, C>, defects: &mut Vec<Defect>) {
    let steps = flow
        .steps
        .iter()
        .map(|step| (step.step.name(), &step.handlers));
    for (step, handlers) in steps.chain([(flow.name, &flow.everywhere)]) {
        for (place, handler) in handlers.iter().enumerate() {
            if handlers
                .iter()
                .take(place)
                .any(|other| other.accepts == handler.accepts)
            {
                let kind = handler.accepts.kind;
                defects.push(Defect::TakenTwice { step, kind });
            }
        }
        let returns: Vec<&str> = handlers
            .iter()
            .filter(|handler| handler.accepts.kind == InputKind::Returned)
            .map(|handler| handler.accepts.of)
            .collect();
        let calls: Vec<&str> = handlers
            .iter()
            .flat_map(|handler| handler.exits.calls.iter().copied())
            .collect();
        let missing = calls.iter().filter(|call| !returns.contains(call));
        defects.extend(missing.map(|flow| Defect::NoReturn { step, flow }));
        let idle = returns.iter().filter(|flow| !calls.contains(flow));
        defects.extend(idle.map(|flow| Defect::NoCall { step, flow }));
    }
}

fn targets<S: Step, T, C: Context + ?Sized>(flow: &Flow<S, T, C>, defects: &mut Vec<Defect>) {
    let starts = flow.entries.iter().map(|entry| ("start", *entry));
    let leads = flow
        .steps
        .iter()
        .flat_map(|step| step.targets().map(|target| (step.step.name(), target)));
    for (from, to) in starts.chain(leads) {
        if !flow.steps.iter().any(|known| known.step == to) {
            let to = to.name();
            defects.push(Defect::Target { from, to });
        }
    }
}

fn exits<S: Step, T, C: Context + ?Sized>(flow: &Flow<S, T, C>, defects: &mut Vec<Defect>) {
    let mut reached = flow.entries.clone();
    let mut done = 0;
    while let Some(&step) = reached.get(done) {
        done += 1;
        for known in flow.steps.iter().filter(|known| known.step == step) {
            for target in known.targets() {
                if !reached.contains(&target) {
                    reached.push(target);
                }
            }
        }
    }
    let wayless = without_a_way_back(flow);
    for step in &flow.steps {
        if !reached.contains(&step.step) {
            defects.push(Defect::Unreachable(step.step.name()));
        }
        let onward = step.targets().any(|target| target != step.step)
            || step
                .handlers
                .iter()
                .any(|handler| handler.exits.finishes || !handler.exits.calls.is_empty());
        let back = !wayless.contains(&step.step);
        if !onward && !back && !step.resting {
            defects.push(Defect::DeadEnd(step.step.name()));
        }
    }
}

/// The steps one may be at with nothing to go back to: where a flow starts, where the way is forgotten, and what comes after
/// such a step that is forgotten itself.
fn without_a_way_back<S: Step, T, C: Context + ?Sized>(flow: &Flow<S, T, C>) -> Vec<S> {
    let forgets = flow.steps.iter().filter(|step| step.one_way);
    let mut found: Vec<S> = flow.entries.clone();
    found.extend(forgets.map(|step| step.step));
    let mut done = 0;
    while let Some(&step) = found.get(done) {
        done += 1;
        let passed = flow
            .steps
            .iter()
            .filter(|known| known.step == step && known.passing);
        for target in passed.flat_map(StepDefinition::targets) {
            if !found.contains(&target) {
                found.push(target);
            }
        }
    }
    found
}

fn migrations<S: Step, T, C: Context + ?Sized>(flow: &Flow<S, T, C>, defects: &mut Vec<Defect>) {
    let mut from: Vec<u32> = flow.migrations.iter().map(|(from, _)| *from).collect();
    from.sort_unstable();
    let follows = from
        .iter()
        .zip(from.iter().skip(1))
        .all(|(a, b)| a.checked_add(1) == Some(*b));
    let reaches = from
        .last()
        .is_none_or(|last| last.checked_add(1) == Some(flow.version));
    if !(follows && reaches) {
        let version = flow.version;
        defects.push(Defect::Migrations { from, version });
    }
}

impl<S: Step, T, C: Context + ?Sized> StepDefinition<S, T, C> {
    /// Every step this one may lead to, but for back.
    pub(crate) fn targets(&self) -> impl Iterator<Item = S> {
        let exits = self
            .handlers
            .iter()
            .flat_map(|handler| handler.exits.steps.iter());
        exits.chain(&self.skip).chain(&self.jumps).copied()
    }
}
