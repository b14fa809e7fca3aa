//! What the figures are held against: a handler of the same presses with nothing in it but what no bot can do without. One script
//! to take an update once, one to write the number, one call; no turns, no leases, no screens, and an update whose process dies is lost.

use std::env;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use redis::aio::MultiplexedConnection;
use serde::Deserialize;
use serde_json::{Value, json};
use teloxide_core::Bot;

const TAKE: &str = "if redis.call('SET', KEYS[1], '1', 'NX', 'EX', 3600) then return redis.call('GET', KEYS[2]) or '0' end return ''";
const WRITE: &str = "redis.call('SET', KEYS[1], ARGV[1]) return 1";

#[derive(Deserialize)]
struct Update {
    update_id: u64,
    message: Option<Message>,
    callback_query: Option<Press>,
}

#[derive(Deserialize)]
struct Message {
    message_id: i64,
    chat: Chat,
}

#[derive(Deserialize)]
struct Chat {
    id: i64,
}

#[derive(Deserialize)]
struct Press {
    id: String,
    message: Message,
    data: String,
}

struct App {
    redis: MultiplexedConnection,
    bot: Bot,
    base: String,
    secret: String,
    take: String,
    write: String,
}

/// Serves until it is killed.
pub(crate) async fn serve() -> Result<()> {
    let var = |name| env::var(name).with_context(|| format!("{name} is not set"));
    let mut redis = redis::Client::open(var("REDIS_URL")?)?
        .get_multiplexed_async_connection()
        .await?;
    let mut digests = Vec::new();
    for script in [TAKE, WRITE] {
        let digest: String = redis::cmd("SCRIPT")
            .arg("LOAD")
            .arg(script)
            .query_async(&mut redis)
            .await?;
        digests.push(digest);
    }
    let [take, write] = digests.try_into().ok().context("two scripts")?;
    let (token, port) = (var("BOT_TOKEN")?, var("WEBHOOK_PORT")?);
    let base = format!("{}/bot{token}", var("BOT_API_URL")?);
    let app = Arc::new(App {
        redis,
        bot: Bot::new(token),
        base,
        secret: var("WEBHOOK_SECRET")?,
        take,
        write,
    });
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    let url = format!("http://127.0.0.1:{port}/");
    let webhook = json!({ "url": url, "secret_token": app.secret, "max_connections": 100 });
    app.call("setWebhook", &webhook).await?;
    let routes = Router::new().route("/", post(update)).with_state(app);
    Ok(axum::serve(listener, routes).await?)
}

async fn update(State(app): State<Arc<App>>, headers: HeaderMap, body: Bytes) -> Response {
    let secret = headers.get("x-telegram-bot-api-secret-token");
    if secret.is_none_or(|secret| secret.as_bytes() != app.secret.as_bytes()) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    match app.answer(&body).await {
        Ok(Some(query)) => {
            let reply = json!({ "method": "answerCallbackQuery", "callback_query_id": query });
            let json = (header::CONTENT_TYPE, "application/json");
            ([json], reply.to_string()).into_response()
        }
        Ok(None) => StatusCode::OK.into_response(),
        Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

impl App {
    async fn answer(&self, body: &[u8]) -> Result<Option<String>> {
        let update: Update = serde_json::from_slice(body)?;
        let (message, pressed) = match (update.message, update.callback_query) {
            (Some(message), _) => (message, None),
            (None, Some(press)) => (press.message, Some((press.id, press.data))),
            (None, None) => return Ok(None),
        };
        let (chat, mut redis) = (message.chat.id, self.redis.clone());
        let key = format!("count:{chat}");
        let count: String = redis::cmd("EVALSHA")
            .arg(&self.take)
            .arg(2)
            .arg(format!("seen:{}", update.update_id))
            .arg(&key)
            .query_async(&mut redis)
            .await?;
        let Ok(count) = count.parse::<i64>() else {
            return Ok(None);
        };
        let (count, text, rows) = match pressed.as_ref().map(|(_, data)| data.as_str()) {
            None => (
                0,
                "Main menu".to_owned(),
                [["Counter", "List", "Name"], ["Settings", "About", "Close"]].as_slice(),
            ),
            Some(data) => {
                let count = count + i64::from(data == "+1");
                let rows = [["-1", "+1", "Reset"]].as_slice();
                (count, format!("Counter: {count}"), rows)
            }
        };
        let _: i64 = redis::cmd("EVALSHA")
            .arg(&self.write)
            .arg(1)
            .arg(&key)
            .arg(count)
            .query_async(&mut redis)
            .await?;
        let button = |label: &&str| json!({ "text": label, "callback_data": label });
        let rows = rows.iter().map(|row| row.iter().map(button).collect());
        let keyboard: Vec<Vec<Value>> = rows.collect();
        let mut call = json!({
            "chat_id": chat,
            "text": text,
            "reply_markup": { "inline_keyboard": keyboard },
        });
        if pressed.is_none() {
            self.call("sendMessage", &call).await?;
        } else {
            call["message_id"] = json!(message.message_id);
            self.call("editMessageText", &call).await?;
        }
        Ok(pressed.map(|(query, _)| query))
    }

    async fn call(&self, method: &str, body: &Value) -> Result<()> {
        let url = format!("{}/{method}", self.base);
        let call = self.bot.client().post(url).body(body.to_string());
        let answer = call.header("content-type", "application/json").send();
        answer.await?.error_for_status()?.bytes().await?;
        Ok(())
    }
}
