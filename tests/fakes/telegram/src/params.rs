//! The parameters of a call, however they came: query, form, JSON or multipart.

use std::borrow::Cow;
use std::collections::HashMap;

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, FromRequest as _, Multipart};
use bytes::Bytes;
use hyper::{Request, header};
use serde_json::{Map, Value};

use crate::answer::Refusal;

/// A file that came with a call.
#[derive(Debug, Clone)]
pub(crate) struct Upload {
    pub(crate) name: String,
    pub(crate) mime: Option<String>,
    pub(crate) bytes: Bytes,
}

#[derive(Debug, Default)]
pub(crate) struct Params {
    pub(crate) fields: Map<String, Value>,
    pub(crate) files: HashMap<String, Upload>,
}

impl Params {
    /// Reads a request that has been received whole.
    pub(crate) async fn read(
        query: Option<&str>,
        content_type: Option<&str>,
        body: Bytes,
    ) -> Result<Self, Refusal> {
        let mut params = Self::default();
        if let Some(query) = query {
            params.form(query.as_bytes());
        }
        let kind = content_type.unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if body.is_empty() {
            return Ok(params);
        }
        match kind.to_ascii_lowercase().as_str() {
            "application/json" => params.json_body(&body)?,
            "multipart/form-data" => {
                params
                    .multipart(content_type.unwrap_or_default(), body)
                    .await?;
            }
            "application/x-www-form-urlencoded" => params.form(&body),
            // Telegram reads nothing else.
            _ => {}
        }
        Ok(params)
    }

    fn form(&mut self, encoded: &[u8]) {
        for (name, value) in url::form_urlencoded::parse(encoded) {
            self.fields
                .insert(name.into_owned(), Value::String(value.into_owned()));
        }
    }

    fn json_body(&mut self, body: &[u8]) -> Result<(), Refusal> {
        if std::str::from_utf8(body).is_err() {
            return Err(Refusal::bad("strings must be encoded in UTF-8"));
        }
        match serde_json::from_slice(body) {
            Ok(Value::Object(fields)) => {
                self.fields.extend(fields);
                self.fields.retain(|_, value| !value.is_null());
                Ok(())
            }
            Ok(_) => Err(Refusal::bad("the request's JSON must be an object")),
            Err(_) => Err(Refusal::bad("can't parse the request's JSON")),
        }
    }

    async fn multipart(&mut self, content_type: &str, body: Bytes) -> Result<(), Refusal> {
        let broken = |_| Refusal::bad("can't parse multipart/form-data");
        let mut request = Request::builder()
            .method("POST")
            .header(header::CONTENT_TYPE, content_type)
            .body(Body::from(body))
            .map_err(|_| Refusal::bad("wrong Content-Type"))?;
        // Its size was looked at when it was read.
        DefaultBodyLimit::disable().apply(&mut request);
        let mut parts = Multipart::from_request(request, &())
            .await
            .map_err(|_| Refusal::bad("boundary not found in multipart/form-data"))?;
        while let Some(part) = parts.next_field().await.map_err(broken)? {
            let name = part.name().unwrap_or_default().to_owned();
            let file_name = part.file_name().map(str::to_owned);
            let mime = part.content_type().map(str::to_owned);
            let bytes = part.bytes().await.map_err(broken)?;
            if let Some(file_name) = file_name {
                let upload = Upload {
                    name: file_name,
                    mime,
                    bytes,
                };
                self.files.insert(name, upload);
            } else {
                let text = String::from_utf8(bytes.to_vec())
                    .map_err(|_| Refusal::bad("strings must be encoded in UTF-8"))?;
                self.fields.insert(name, Value::String(text));
            }
        }
        Ok(())
    }

    /// A parameter as text; an empty one is as good as none.
    pub(crate) fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        match self.fields.get(name)? {
            Value::String(text) if text.is_empty() => None,
            Value::String(text) => Some(Cow::Borrowed(text)),
            other => Some(Cow::Owned(other.to_string())),
        }
    }

    /// A number; 0 where there is none, as Telegram reads it.
    pub(crate) fn integer(&self, name: &str) -> i64 {
        match self.fields.get(name) {
            Some(Value::Number(number)) => number.as_i64().unwrap_or(0),
            Some(Value::String(text)) => text.trim().parse().unwrap_or(0),
            _ => 0,
        }
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        match self.fields.get(name) {
            Some(Value::Bool(flag)) => *flag,
            Some(Value::String(text)) => ["true", "yes", "1"]
                .iter()
                .any(|yes| text.trim().eq_ignore_ascii_case(yes)),
            Some(Value::Number(number)) => number.as_i64() == Some(1),
            _ => false,
        }
    }

    /// A parameter that is JSON, whether it came as JSON or as text with JSON in it.
    pub(crate) fn json(&self, name: &str) -> Result<Option<Cow<'_, Value>>, Refusal> {
        match self.fields.get(name) {
            None => Ok(None),
            Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
            Some(Value::String(text)) => serde_json::from_str(text)
                .map(|value: Value| (!value.is_null()).then_some(Cow::Owned(value)))
                .map_err(|_| Refusal::bad(format!("can't parse {} JSON object", spoken(name)))),
            Some(value) => Ok(Some(Cow::Borrowed(value))),
        }
    }
}

/// A parameter's name as the server's sentences have it.
fn spoken(name: &str) -> String {
    match name {
        "reply_markup" => "reply keyboard markup".to_owned(),
        other => other.replace('_', " "),
    }
}
