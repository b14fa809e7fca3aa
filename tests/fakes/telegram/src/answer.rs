//! What a call is answered with, in the words of the Bot API: programs match on them.

use std::borrow::Cow;

use serde_json::{Value, json};

/// A call that is not done.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) code: u16,
    pub(crate) description: Cow<'static, str>,
    pub(crate) retry_after: Option<u64>,
    pub(crate) migrate_to: Option<i64>,
}

impl Refusal {
    pub(crate) fn new(code: u16, description: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            description: description.into(),
            retry_after: None,
            migrate_to: None,
        }
    }

    /// 400; the server puts its prefix before every such sentence.
    pub(crate) fn bad(what: impl AsRef<str>) -> Self {
        Self::new(400, format!("Bad Request: {}", what.as_ref()))
    }

    /// 403.
    pub(crate) fn forbidden(what: &str) -> Self {
        Self::new(403, format!("Forbidden: {what}"))
    }

    /// 409.
    pub(crate) fn conflict(what: &str) -> Self {
        Self::new(409, format!("Conflict: {what}"))
    }

    pub(crate) fn not_found() -> Self {
        Self::new(404, "Not Found")
    }

    pub(crate) fn unauthorized() -> Self {
        Self::new(401, "Unauthorized")
    }

    pub(crate) fn too_large() -> Self {
        Self::new(413, "Request Entity Too Large")
    }

    /// 429: come back in so many seconds.
    pub(crate) fn too_many(seconds: u64) -> Self {
        Self {
            retry_after: Some(seconds),
            ..Self::new(429, format!("Too Many Requests: retry after {seconds}"))
        }
    }

    /// The group lives on under another id.
    pub(crate) fn upgraded(to: i64) -> Self {
        Self {
            migrate_to: Some(to),
            ..Self::bad("group chat was upgraded to a supergroup chat")
        }
    }

    pub(crate) fn body(&self) -> String {
        let mut body = json!({
            "ok": false,
            "error_code": self.code,
            "description": self.description,
        });
        if let Some(seconds) = self.retry_after {
            body["parameters"] = json!({ "retry_after": seconds });
        }
        if let Some(to) = self.migrate_to {
            body["parameters"] = json!({ "migrate_to_chat_id": to });
        }
        body.to_string()
    }
}

/// A call that was done.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) result: Value,
    /// The result as JSON already written, in its stead.
    pub(crate) raw: Option<String>,
    /// A remark beside the result; setting webhooks has one.
    pub(crate) remark: Option<&'static str>,
}

impl From<Value> for Done {
    fn from(result: Value) -> Self {
        Self {
            result,
            raw: None,
            remark: None,
        }
    }
}

impl Done {
    /// What most calls that send nothing return.
    pub(crate) fn yes() -> Self {
        Value::Bool(true).into()
    }

    pub(crate) fn remarked(remark: &'static str) -> Self {
        Self {
            remark: Some(remark),
            ..Self::yes()
        }
    }

    pub(crate) fn body(self) -> String {
        match (self.raw, self.remark) {
            (Some(raw), _) => format!("{{\"ok\":true,\"result\":{raw}}}"),
            (None, None) => format!("{{\"ok\":true,\"result\":{}}}", self.result),
            (None, Some(remark)) => {
                json!({ "ok": true, "result": self.result, "description": remark }).to_string()
            }
        }
    }
}

pub(crate) type Answer = Result<Done, Refusal>;
