//! The wire: connections, paths, tokens, bodies.

use std::fmt;
use std::sync::Arc;

use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode, header};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::answer::{Answer, Refusal};
use crate::faults::{Fault, refusal};
use crate::files::UPLOAD;
use crate::log::{Answered, Call, method};
use crate::methods;
use crate::params::Params;
use crate::world::World;

/// The largest request that is read: the largest file, and some room for the rest.
const REQUEST: usize = UPLOAD + 2 * 1024 * 1024;

/// What a proxy in between shows.
const BAD_GATEWAY: &str = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n\
     <hr><center>nginx/1.18.0</center>\r\n</body>\r\n</html>\r\n";

/// The connection is to end without an answer.
#[derive(Debug)]
struct Cut;

impl fmt::Display for Cut {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("cut on purpose")
    }
}

impl std::error::Error for Cut {}

/// Takes connections until the server is stopped; those it has end then, too.
pub(crate) async fn accept(listener: TcpListener, world: Arc<World>, stopped: CancellationToken) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stopped.cancelled() => return,
        };
        let Ok((stream, _)) = accepted else {
            continue;
        };
        let _ = stream.set_nodelay(true);
        let (world, stopped) = (Arc::clone(&world), stopped.clone());
        tokio::spawn(async move {
            let service = service_fn(move |request| serve(Arc::clone(&world), request));
            let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            stopped.run_until_cancelled(connection).await
        });
    }
}

fn json(status: u16, body: String) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static("application/json"),
    );
    response
}

fn refuse(refusal: &Refusal) -> Response<Body> {
    json(refusal.code, refusal.body())
}

fn bad_gateway() -> Response<Body> {
    let mut response = Response::new(Body::from(BAD_GATEWAY));
    *response.status_mut() = StatusCode::BAD_GATEWAY;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static("text/html"),
    );
    response
}

async fn serve(world: Arc<World>, request: Request<Incoming>) -> Result<Response<Body>, Cut> {
    let (head, body) = request.into_parts();
    let path = head.uri.path();
    if ![Method::GET, Method::POST].contains(&head.method) {
        return Ok(refuse(&Refusal::new(405, "Method Not Allowed")));
    }
    let (file, rest) = match path.strip_prefix("/file/bot") {
        Some(rest) => (true, rest),
        None => match path.strip_prefix("/bot") {
            Some(rest) => (false, rest),
            None => return Ok(refuse(&Refusal::not_found())),
        },
    };
    let Some((token, rest)) = rest.split_once('/') else {
        return Ok(refuse(&Refusal::not_found()));
    };
    let token = token.replace("%3A", ":").replace("%3a", ":");
    if !well_formed(&token) {
        return Ok(refuse(&Refusal::not_found()));
    }
    if token != world.options.token {
        return Ok(refuse(&Refusal::unauthorized()));
    }
    if file {
        return download(&world, rest);
    }
    let content_type = head
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let Ok(body) = axum::body::to_bytes(Body::new(body), REQUEST).await else {
        return Ok(refuse(&Refusal::too_large()));
    };
    let Some(name) = method(rest) else {
        return Ok(refuse(&Refusal::not_found()));
    };
    world.log.count(name);
    // That it came is something to wait for, however long its answer takes.
    world.changed.notify_waiters();
    let params = match Params::read(head.uri.query(), content_type, body).await {
        Ok(params) => params,
        Err(refusal) => return Ok(refuse(&refusal)),
    };
    suffer(&world, name, params).await
}

/// Like `7000000001:AA…`.
fn well_formed(token: &str) -> bool {
    token.split_once(':').is_some_and(|(id, secret)| {
        !id.is_empty()
            && id.bytes().all(|byte| byte.is_ascii_digit())
            && !secret.is_empty()
            && secret
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    })
}

/// Does a call, with whatever is to go wrong with it.
async fn suffer(
    world: &Arc<World>,
    name: &'static str,
    params: Params,
) -> Result<Response<Body>, Cut> {
    let at = world.clock.now();
    let fault = world.faults.strike(name, at);
    let chat = params.integer("chat_id");
    let (answer, outcome) = match &fault {
        Some(Fault::Refuse {
            code,
            description,
            retry_after,
        }) => {
            if let Some(seconds) = retry_after.filter(|_| chat != 0) {
                let until = at + std::time::Duration::from_secs(seconds);
                world.limits.flood(chat, until);
            }
            (Some(Err(refusal(*code, description, *retry_after))), None)
        }
        Some(Fault::Cut) => (None, Some(Answered::Cut { done: false })),
        Some(Fault::BadGateway) => (None, Some(Answered::BadGateway { done: false })),
        Some(Fault::Slow(wait)) => {
            tokio::time::sleep(*wait).await;
            (Some(call(world, name, &params).await), None)
        }
        Some(Fault::DoneThenCut) => {
            let done = call(world, name, &params).await.is_ok();
            (None, Some(Answered::Cut { done }))
        }
        Some(Fault::DoneThenBadGateway) => {
            let done = call(world, name, &params).await.is_ok();
            (None, Some(Answered::BadGateway { done }))
        }
        Some(Fault::Late(_)) | None => (Some(call(world, name, &params).await), None),
    };
    if world.log.kept() {
        let answered = outcome.clone().unwrap_or_else(|| match &answer {
            Some(Err(refusal)) => Answered::Refused(refusal.code, refusal.description.to_string()),
            _ => Answered::Ok,
        });
        let files = params.files.iter();
        world.log.write(Call {
            at,
            method: name,
            files: files
                .map(|(name, file)| (name.clone(), file.bytes.len()))
                .collect(),
            body: Value::Object(params.fields),
            answered,
            in_webhook_reply: false,
        });
        world.changed.notify_waiters();
    }
    if let Some(Fault::Late(wait)) = fault {
        tokio::time::sleep(wait).await;
    }
    match (answer, outcome) {
        (Some(Ok(done)), _) => Ok(json(200, done.body())),
        (Some(Err(refusal)), _) => Ok(refuse(&refusal)),
        (None, Some(Answered::BadGateway { .. })) => Ok(bad_gateway()),
        (None, _) => Err(Cut),
    }
}

async fn call(world: &Arc<World>, name: &'static str, params: &Params) -> Answer {
    if name == "getUpdates" {
        methods::updates::get_updates(world, params).await
    } else {
        methods::call(world, name, params)
    }
}

/// `GET /file/bot…/…`
fn download(world: &World, path: &str) -> Result<Response<Body>, Cut> {
    // As sent, decoded once, and decoded twice, for paths that look encoded already.
    let mut path = path.to_owned();
    for _ in 0..3 {
        if let Some(file) = world.files.at(&path) {
            match world.faults.strike("file", world.clock.now()) {
                None | Some(Fault::Late(_) | Fault::Slow(_)) => {}
                Some(Fault::Cut | Fault::DoneThenCut) => return Err(Cut),
                Some(Fault::BadGateway | Fault::DoneThenBadGateway) => return Ok(bad_gateway()),
                Some(Fault::Refuse {
                    code,
                    description,
                    retry_after,
                }) => return Ok(refuse(&refusal(code, &description, retry_after))),
            }
            let mut response = Response::new(Body::from(file.bytes.clone()));
            response.headers_mut().insert(
                header::CONTENT_TYPE,
                header::HeaderValue::from_static("application/octet-stream"),
            );
            return Ok(response);
        }
        path = path
            .replace("%2F", "/")
            .replace("%2f", "/")
            .replace("%25", "%");
    }
    Ok(refuse(&Refusal::not_found()))
}
