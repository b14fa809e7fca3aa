//! The API's calls: <https://discord.com/developers/docs/reference>.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{FromRequest as _, Multipart, Request, State as Shared};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use serde_json::{Value, json};

use crate::Fault;
use crate::answers;
use crate::buckets;
use crate::check;
use crate::gateway;
use crate::messages;
use crate::world::{Call, Refusal, World, change, message, names_after};

/// The largest request that is read.
const REQUEST: usize = 40_000_000;

type Files = Vec<(String, Bytes)>;

pub(crate) async fn serve(Shared(world): Shared<Arc<World>>, request: Request) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    if let Some(file) = path.strip_prefix("/attachments/") {
        let found = world.state().files.get(file).cloned();
        return match found {
            Some(bytes) => bytes.into_response(),
            None => StatusCode::NOT_FOUND.into_response(),
        };
    }
    if path.trim_end_matches('/') == "/gateway" {
        return gateway::open(world, request).await;
    }
    let Some(path) = path.strip_prefix("/api/v10/") else {
        return StatusCode::NOT_FOUND.into_response();
    };
    // Some write `@original` as `%40original`.
    let path = path.replace("%40", "@");
    let parts: Vec<&str> = path.split('/').collect();
    let query = request.uri().query().unwrap_or_default().to_owned();
    let given = request.headers().get(header::AUTHORIZATION).cloned();
    let wanted = format!("Bot {}", world.options.token);
    let is_known = given.is_some_and(|given| given.as_bytes() == wanted.as_bytes());
    // Answers to interactions have a token of their own in their path.
    if !is_known && !matches!(parts[0], "webhooks" | "interactions") {
        return refused(&Refusal::new(401, 0, "401: Unauthorized"));
    }
    let (body, files) = match read(request).await {
        Ok(read) => read,
        Err(refusal) => return refused(&refusal),
    };
    let template = template(&method, &parts);
    // A channel, or an interaction's token.
    let major = match parts[..] {
        ["channels", channel, ..] => channel,
        ["webhooks", _, token, ..] => token,
        _ => "",
    };
    let taken = buckets::take(&mut world.state(), template, major);
    let head = match taken {
        Ok(head) => head,
        Err((head, after)) => {
            note(&world, &method, &parts, body, 429);
            return (head, too_many(after)).into_response();
        }
    };
    let fault = {
        let mut state = world.state();
        let at = state.faults.iter().position(|(of, _)| *of == template);
        at.and_then(|at| state.faults.remove(at))
    };
    let outcome = match fault.map(|(_, fault)| fault) {
        None => done(&world, &method, (&parts, &query), &body, files),
        Some(Fault::Refuse(status, code, said)) => Err(Refusal::new(status, code, said)),
        Some(Fault::TooMany(seconds)) => {
            note(&world, &method, &parts, body, 429);
            return too_many(seconds);
        }
        Some(Fault::BadGateway) => {
            note(&world, &method, &parts, body, 502);
            return (StatusCode::BAD_GATEWAY, "<html>502</html>").into_response();
        }
        Some(Fault::DoneThenBadGateway) => {
            drop(done(&world, &method, (&parts, &query), &body, files));
            note(&world, &method, &parts, body, 502);
            world.changed.notify_waiters();
            return (StatusCode::BAD_GATEWAY, "<html>502</html>").into_response();
        }
    };
    let status = outcome
        .as_ref()
        .map_or_else(|refusal| refusal.status, |_| 200);
    note(&world, &method, &parts, body, status);
    world.changed.notify_waiters();
    let answer = match outcome {
        Ok(Value::Null) => StatusCode::NO_CONTENT.into_response(),
        Ok(answer) => Json(answer).into_response(),
        Err(refusal) => refused(&refusal),
    };
    (head, answer).into_response()
}

fn refused(refusal: &Refusal) -> Response {
    let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::BAD_REQUEST);
    let said = json!({ "message": refusal.message, "code": refusal.code });
    (status, Json(said)).into_response()
}

fn too_many(seconds: f64) -> Response {
    let said = json!({ "message": "You are being rate limited.", "retry_after": seconds, "global": false });
    let after = format!("{seconds}");
    let head = [
        ("retry-after", after),
        ("x-ratelimit-scope", "user".to_owned()),
    ];
    (StatusCode::TOO_MANY_REQUESTS, head, Json(said)).into_response()
}

fn note(world: &World, method: &Method, parts: &[&str], body: Value, status: u16) {
    let mut parts: Vec<&str> = parts.to_vec();
    if matches!(parts[0], "webhooks" | "interactions") && parts.len() > 2 {
        parts[2] = "{token}";
    }
    world.state().log.push(Call {
        method: method.to_string(),
        path: format!("/{}", parts.join("/")),
        body,
        status,
    });
}

/// The JSON and the files of a body, whichever of the two ways it came.
async fn read(request: Request) -> Result<(Value, Files), Refusal> {
    let kind = request.headers().get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let odd = |why: &str| Refusal::new(400, 50109, why);
    if !kind.starts_with("multipart/form-data") {
        let bytes = axum::body::to_bytes(Body::new(request.into_body()), REQUEST)
            .await
            .map_err(|_| Refusal::new(413, 40005, "Request entity too large"))?;
        if bytes.is_empty() {
            return Ok((Value::Null, Vec::new()));
        }
        let body = serde_json::from_slice(&bytes)
            .map_err(|_| odd("The request body contains invalid JSON."))?;
        return Ok((body, Vec::new()));
    }
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|_| odd("no form"))?;
    let (mut body, mut files) = (Value::Null, Vec::new());
    while let Some(part) = form.next_field().await.map_err(|_| odd("a broken form"))? {
        let name = part.name().unwrap_or_default().to_owned();
        let file = part.file_name().map(str::to_owned);
        let bytes = part.bytes().await.map_err(|_| odd("a broken part"))?;
        if name == "payload_json" {
            body = serde_json::from_slice(&bytes).map_err(|_| odd("invalid JSON"))?;
        } else if name.starts_with("files[")
            && let Some(file) = file
        {
            files.push((file, bytes));
        } else {
            return Err(odd("a part of no known name"));
        }
    }
    Ok((body, files))
}

/// A call's method and path without ids.
fn template(method: &Method, parts: &[&str]) -> &'static str {
    match (method.as_str(), parts) {
        ("POST", ["channels", _, "messages"]) => "send",
        ("PATCH", ["channels", _, "messages", _]) => "edit",
        ("DELETE", ["channels", _, "messages", _]) => "delete",
        ("POST", ["users", "@me", "channels"]) => "dm",
        ("PATCH", ["webhooks", _, _, "messages", _]) => "edit answer",
        ("POST", ["webhooks", _, _]) => "follow up",
        ("POST", ["interactions", _, _, "callback"]) => "answer",
        ("GET", ["channels", _, "messages"]) => "list",
        ("GET", ["gateway", "bot"]) => "gateway",
        ("PUT", _) => "set commands",
        _ => "other",
    }
}

fn number(text: &str) -> Result<u64, Refusal> {
    text.parse()
        .map_err(|_| Refusal::form(format!("Value \"{text}\" is not snowflake.")))
}

fn done(
    world: &World,
    method: &Method,
    (parts, query): (&[&str], &str),
    body: &Value,
    files: Files,
) -> Result<Value, Refusal> {
    let bot = world.bot.to_string();
    match (method.as_str(), parts) {
        ("GET", ["users", "@me"]) => Ok(json!({ "id": bot, "username": "lorikeet", "bot": true })),
        ("GET", ["users", "@me", "guilds"]) => {
            let state = world.state();
            let guilds: std::collections::BTreeSet<u64> = state
                .channels
                .values()
                .filter_map(|room| room.guild)
                .collect();
            let guilds = guilds.into_iter().map(|guild| {
                let may = state
                    .permissions
                    .get(&guild)
                    .copied()
                    .unwrap_or(u64::from(u32::MAX));
                json!({ "id": guild.to_string(), "name": "Birds", "permissions": may.to_string() })
            });
            Ok(guilds.collect())
        }
        ("GET", ["applications", "@me"]) => {
            let endpoint = world.state().endpoint.clone();
            Ok(json!({
                "id": bot, "verify_key": world.public_key(), "interactions_endpoint_url": endpoint,
            }))
        }
        ("GET", ["gateway", "bot"]) => Ok(json!({
            "url": world.gateway(), "shards": world.options.shards,
            "session_start_limit": {
                "total": 1_000, "remaining": world.options.starts_left, "reset_after": 14_400_000, "max_concurrency": 1,
            },
        })),
        ("POST", ["interactions", id, token, "callback"]) => {
            let said = answers::by_call(world, id, token, body, files)?;
            let wanted = query.split('&').any(|part| part == "with_response=true");
            Ok(if wanted { said } else { Value::Null })
        }
        ("GET", ["channels", channel, "messages"]) => {
            messages::list(world, number(channel)?, query)
        }
        ("POST", ["users", "@me", "channels"]) => {
            let person = number(body["recipient_id"].as_str().unwrap_or_default())?;
            let mut state = world.state();
            if !state.users.contains_key(&person) {
                return Err(Refusal::new(400, 50033, "Invalid Recipient(s)"));
            }
            Ok(json!({ "id": state.private(person).to_string(), "type": 1 }))
        }
        (_, ["applications", application, rest @ ..]) if *application == bot => {
            commands(world, method, rest, body)
        }
        ("POST", ["channels", channel, "messages"]) => {
            let channel = number(channel)?;
            world.open_channel(channel)?;
            sent(world, channel, body, files)
        }
        (_, ["channels", channel, "messages", id]) => {
            let (channel, id) = (number(channel)?, number(id)?);
            world.open_channel(channel)?;
            let unknown = || Refusal::new(404, 10008, "Unknown Message");
            let mut state = world.state();
            let found = state.message(id).ok_or_else(unknown)?;
            // What only one person sees is not in the channel.
            if found.channel != channel || found.only.is_some() {
                return Err(unknown());
            }
            if found.by.is_some() && method == Method::PATCH {
                let said = "Cannot edit a message authored by another user";
                return Err(Refusal::new(403, 50005, said));
            }
            match method.as_str() {
                "GET" => Ok(messages::of(world, &state, id)),
                "DELETE" => {
                    state.messages.retain(|message| message.id != id);
                    Ok(Value::Null)
                }
                _ => {
                    let names = names_after(found, body, &files);
                    check::message(body, &names, false).map_err(Refusal::form)?;
                    sizes(world, &files)?;
                    change(found, body.clone(), files);
                    Ok(messages::of(world, &state, id))
                }
            }
        }
        ("POST", ["channels", _, "typing"]) => Ok(Value::Null),
        (_, ["webhooks", application, token, rest @ ..]) if *application == bot => {
            answers::later(world, method.as_str(), token, rest, body, files)
        }
        _ => Err(Refusal::new(404, 0, "404: Not Found")),
    }
}

fn sent(world: &World, channel: u64, body: &Value, files: Files) -> Result<Value, Refusal> {
    let names: Vec<String> = files.iter().map(|(name, _)| name.clone()).collect();
    check::message(body, &names, true).map_err(Refusal::form)?;
    sizes(world, &files)?;
    let mut state = world.state();
    let id = state.put(message(channel, body.clone(), files));
    Ok(messages::of(world, &state, id))
}

/// Files no larger than a server takes.
pub(crate) fn sizes(world: &World, files: &[(String, Bytes)]) -> Result<(), Refusal> {
    let largest = world.options.largest_file;
    if files.iter().any(|(_, bytes)| bytes.len() > largest) {
        return Err(Refusal::new(413, 40005, "Request entity too large"));
    }
    Ok(())
}

fn commands(world: &World, method: &Method, rest: &[&str], body: &Value) -> Result<Value, Refusal> {
    let guild = match rest {
        ["commands"] => 0,
        ["guilds", guild, "commands"] => number(guild)?,
        _ => return Err(Refusal::new(404, 0, "404: Not Found")),
    };
    let mut state = world.state();
    if guild != 0
        && !state
            .channels
            .values()
            .any(|room| room.guild == Some(guild))
    {
        return Err(Refusal::new(403, 50001, "Missing Access"));
    }
    if method == Method::PUT {
        check::commands(body).map_err(Refusal::form)?;
        state.commands.insert(guild, body.clone());
        state.commands_set += 1;
    }
    Ok(state.commands.get(&guild).cloned().unwrap_or(json!([])))
}
