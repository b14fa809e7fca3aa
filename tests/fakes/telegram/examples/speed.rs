//! How many calls a second one thread of the fake serves.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement, by hand"
)]
use lorikeet_fake_telegram::{FakeTelegram, Options};
use std::time::Instant;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
    let fields: Vec<&str> = stat
        .rsplit_once(')')
        .unwrap()
        .1
        .split_whitespace()
        .collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

fn main() {
    let (told, tell) = std::sync::mpsc::channel();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async move {
            let telegram = FakeTelegram::start(Options::cheap()).await.unwrap();
            let anna = telegram.person("Anna", "en");
            anna.opens("");
            told.send((telegram.clone(), anna.id())).unwrap();
            let before = cpu();
            stopped.await.unwrap();
            cpu() - before
        })
    });
    let (telegram, id) = tell.recv().unwrap();
    let n = 20_000u32;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let began = Instant::now();
    runtime.block_on(async {
        let mut tasks = Vec::new();
        for _ in 0..8 {
            let address = telegram.url()[7..].to_owned();
            let token = telegram.token().to_owned();
            tasks.push(tokio::spawn(async move {
                let mut stream = tokio::net::TcpStream::connect(&address).await.unwrap();
                stream.set_nodelay(true).unwrap();
                for at in 0..n / 8 {
                    let body = format!(r#"{{"chat_id":{id},"text":"<b>Hello</b> number {at} of many","parse_mode":"HTML","reply_markup":{{"inline_keyboard":[[{{"text":"Train","callback_data":"abc:{at}"}},{{"text":"Back","callback_data":"x"}}]]}}}}"#);
                    let head = format!("POST /bot{token}/sendMessage HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.len());
                    stream.write_all((head + &body).as_bytes()).await.unwrap();
                    let mut buffer = [0; 4096];
                    let read = stream.read(&mut buffer).await.unwrap();
                    assert!(buffer[..read].starts_with(b"HTTP/1.1 200"));
                }
            }));
        }
        for task in tasks { task.await.unwrap(); }
    });
    let wall = began.elapsed().as_secs_f64();
    stop.send(()).unwrap();
    let used = server.join().unwrap();
    println!(
        "{:.0} calls/s by the clock, {:.0} calls/s of the server's processor time",
        f64::from(n) / wall,
        f64::from(n) / used
    );
}
