//! A definition as a picture: a [Mermaid](https://mermaid.js.org/syntax/flowchart.html) flowchart.
//!
//! Solid arrows are answers, skips and jumps, thick ones call another flow, dotted ones go back. Double-walled steps
//! are one-way. A flowchart and not a state diagram, because the latter knows one kind of arrow only.

use crate::definition::{Accepts, StepDefinition};
use crate::{Context, Flow, State, Step};

/// A line between two nodes; lines of the same nodes and arrow are drawn once, with every label.
struct Edge {
    from: String,
    arrow: &'static str,
    to: String,
    labels: Vec<String>,
}

#[derive(Default)]
struct Edges(Vec<Edge>);

const SOLID: &str = "-->";
const THICK: &str = "==>";
const DOTTED: &str = "-.->";

impl<S: Step, T: State, C: Context + ?Sized> Flow<S, T, C> {
    /// The definition as a Mermaid flowchart; the same definition always gives the same text. Cancel, which works
    /// everywhere, is left out.
    pub fn mermaid(&self) -> String {
        let mut edges = Edges::default();
        for entry in &self.entries {
            edges.add("start", SOLID, node(*entry), String::new());
        }
        for step in &self.steps {
            self.leaving(step, &mut edges);
        }
        for handler in &self.everywhere {
            edges.add("anywhere", SOLID, "anywhere", handler.accepts.label());
        }
        self.draw(&edges)
    }

    /// What leads from a step, and back to it.
    fn leaving(&self, step: &StepDefinition<S, T, C>, edges: &mut Edges) {
        let from = node(step.step);
        for handler in &step.handlers {
            let label = handler.accepts.label();
            let exits = &handler.exits;
            for target in &exits.steps {
                edges.add(&from, SOLID, node(*target), label.clone());
            }
            for flow in &exits.calls {
                edges.add(&from, THICK, called(flow), label.clone());
            }
            if exits.finishes {
                edges.add(&from, SOLID, "finish", label.clone());
            }
            if exits.steps.is_empty() && exits.calls.is_empty() && !exits.finishes {
                edges.add(&from, SOLID, &from, label);
            }
        }
        if let Some(target) = step.skip {
            edges.add(&from, SOLID, node(target), "skip".to_owned());
        }
        for target in &step.jumps {
            edges.add(&from, SOLID, node(*target), "jump".to_owned());
        }
        let returns = step.targets().filter(|target| *target != step.step);
        for target in returns.filter(|_| !step.passing) {
            if self.step(target).is_ok_and(|target| !target.one_way) {
                edges.add(node(target), DOTTED, &from, "back".to_owned());
            }
        }
    }

    fn draw(&self, edges: &Edges) -> String {
        let mut text = format!("%% {}, version {}\nflowchart TD\n", self.name, self.version);
        let mut line = |line: String| {
            text.push_str("    ");
            text.push_str(&line);
            text.push('\n');
        };
        line("start((\" \"))".to_owned());
        for step in &self.steps {
            let (open, close) = if step.one_way {
                ("[[", "]]")
            } else {
                ("[", "]")
            };
            line(format!(
                "{}{open}{}{close}",
                node(step.step),
                quoted(step.step.name())
            ));
        }
        let mut flows: Vec<&str> = Vec::new();
        for step in &self.steps {
            for flow in step
                .handlers
                .iter()
                .flat_map(|handler| &handler.exits.calls)
            {
                if !flows.contains(flow) {
                    flows.push(flow);
                    line(format!("{}[/{}/]", called(flow), quoted(flow)));
                }
            }
        }
        if !self.everywhere.is_empty() {
            line("anywhere([\"any step\"])".to_owned());
        }
        if edges.0.iter().any(|edge| edge.to == "finish") {
            line("finish(((\" \")))".to_owned());
        }
        for edge in &edges.0 {
            line(edge.draw());
        }
        text
    }
}

impl Edges {
    fn add(
        &mut self,
        from: impl Into<String>,
        arrow: &'static str,
        to: impl Into<String>,
        label: String,
    ) {
        let (from, to) = (from.into(), to.into());
        let known = self
            .0
            .iter_mut()
            .find(|edge| edge.from == from && edge.arrow == arrow && edge.to == to);
        match known {
            Some(edge) if edge.labels.contains(&label) => {}
            Some(edge) => edge.labels.push(label),
            None => self.0.push(Edge {
                from,
                arrow,
                to,
                labels: vec![label],
            }),
        }
    }
}

impl Edge {
    fn draw(&self) -> String {
        let labels = self.labels.join(", ");
        let mut line = format!("{} {}", self.from, self.arrow);
        if !labels.is_empty() {
            line.push('|');
            line.push_str(&quoted(&labels));
            line.push('|');
        }
        line.push(' ');
        line.push_str(&self.to);
        line
    }
}

impl Accepts {
    fn label(self) -> String {
        let mut label = self.kind.name().to_owned();
        if !self.of.is_empty() {
            label.push(' ');
            label.push_str(self.of);
        }
        label
    }
}

/// A step's node. The prefix keeps names that mean something to Mermaid (`end`, `class`) harmless.
fn node<S: Step>(step: S) -> String {
    format!("step_{}", step.name())
}

fn called(flow: &str) -> String {
    format!("flow_{flow}")
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "#quot;"))
}
