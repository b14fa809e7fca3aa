//! A choice of one as a poll, for clients that show them as something to press.
//! <https://github.com/matrix-org/matrix-spec-proposals/pull/3381>

use std::rc::Rc;

use serde::Serialize;
use serde_json::{Value, json};

use crate::rows::Choice;
use crate::{Mentions, Relation, limits};

/// A poll: what is chosen, and what there is to choose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Poll {
    /// What is chosen.
    pub question: String,
    /// The choices.
    pub answers: Vec<Answer>,
}

/// A choice of a poll.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// The control's place in the list, from 0.
    pub place: usize,
    /// What it says.
    pub label: String,
}

/// The type of the event that begins a poll. Clients send and read this name of it.
pub const POLL: &str = "org.matrix.msc3381.poll.start";
/// The types of events that answer one.
pub const VOTES: [&str; 2] = ["org.matrix.msc3381.poll.response", "m.poll.response"];

const TEXT: &str = "org.matrix.msc1767.text";

impl Poll {
    /// The content of the event. Clients that know no polls show its text: the list says the rest.
    pub fn content(&self, mentions: &Mentions, relation: Option<&Relation>) -> Value {
        let answers: Vec<Value> = self
            .answers
            .iter()
            .map(|answer| json!({ "id": answer.place.to_string(), TEXT: answer.label }))
            .collect();
        let mut content = json!({
            TEXT: self.question,
            POLL: {
                "kind": "org.matrix.msc3381.poll.undisclosed",
                "max_selections": 1,
                "question": { TEXT: self.question, "msgtype": "m.text", "body": self.question },
                "answers": answers,
            },
            "m.mentions": mentions,
        });
        if let Some(relation) = relation {
            content["m.relates_to"] = json!(relation);
        }
        content
    }

    /// The place that a vote chooses, by the content of its event; none where it chooses nothing.
    pub fn vote(content: &Value) -> Option<usize> {
        let unstable = &content[VOTES[0]]["answers"][0];
        let chosen = unstable
            .as_str()
            .or_else(|| content["m.selections"][0].as_str());
        chosen?.parse().ok()
    }
}

/// An option of a choice of one, in the list.
#[derive(Clone, Debug)]
pub(crate) struct Listed {
    pub(crate) choice: Rc<Choice>,
    /// Its place in the list, from 0.
    pub(crate) place: usize,
}

/// The polls of what is listed: one for each choice that is listed as a whole and has as many options as clients take.
pub(crate) fn polls(listed: &[Listed]) -> Vec<Poll> {
    let choices = listed.chunk_by(|a, b| a.choice.number == b.choice.number);
    let mut polls = Vec::new();
    for listed in choices {
        let choice = &listed[0].choice;
        if listed.len() != choice.options.len() || !(2..=limits::POLL).contains(&listed.len()) {
            continue;
        }
        let answers = listed.iter().zip(&choice.options);
        polls.push(Poll {
            question: choice.name.clone(),
            answers: answers
                .map(|(option, label)| Answer {
                    place: option.place,
                    label: label.clone(),
                })
                .collect(),
        });
    }
    polls
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(number: usize, options: &[&str]) -> Vec<Listed> {
        let choice = Rc::new(Choice {
            number,
            name: "How thoroughly?".to_owned(),
            options: options.iter().map(|option| (*option).to_owned()).collect(),
        });
        let places = 0..options.len();
        let option = |place| Listed {
            choice: Rc::clone(&choice),
            place: place + 1,
        };
        places.map(option).collect()
    }

    #[test]
    fn each_whole_choice_is_a_poll() {
        let quick = listed(0, &["Quick", "Thorough"]);
        let made = polls(&quick);
        assert_eq!(made.len(), 1);
        assert_eq!(
            made[0].content(&Mentions::default(), None),
            json!({
                TEXT: "How thoroughly?",
                POLL: {
                    "kind": "org.matrix.msc3381.poll.undisclosed", "max_selections": 1,
                    "question": { TEXT: "How thoroughly?", "msgtype": "m.text", "body": "How thoroughly?" },
                    "answers": [{ "id": "1", TEXT: "Quick" }, { "id": "2", TEXT: "Thorough" }],
                },
                "m.mentions": {},
            })
        );
        let two = [quick.clone(), listed(2, &["a", "b"])].concat();
        assert_eq!(polls(&two).len(), 2);
        assert_eq!(polls(&quick[..1]), [], "the rest is on another page");
        for other in [listed(0, &["a"]), listed(0, &["a"; 21]), Vec::new()] {
            assert_eq!(polls(&other), []);
        }
    }

    #[test]
    fn votes_are_read_by_both_names() {
        let unstable = json!({ VOTES[0]: { "answers": ["3", "4"] } });
        assert_eq!(Poll::vote(&unstable), Some(3));
        assert_eq!(Poll::vote(&json!({ "m.selections": ["0"] })), Some(0));
        for odd in [
            json!({}),
            json!({ "m.selections": [] }),
            json!({ VOTES[0]: { "answers": ["what"] } }),
            json!({ VOTES[0]: 7 }),
        ] {
            assert_eq!(Poll::vote(&odd), None, "{odd}");
        }
    }
}
