//! What keeps a program going while the bot comes and goes: a process of its own, which starts the program, writes down what it
//! prints, stops it when it is told to, and says how it ended.

use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::failure::Exit;
use crate::folder::{Folder, Kept, LOG, OLD_LOG, Process};

/// Between two looks at the program and at what it is told.
const LOOK: Duration = Duration::from_millis(100);
/// How long its lines are listened to once it is over: somebody whom it started, and who left its group, may hold them open.
const LINES: Duration = Duration::from_secs(5);
/// Bytes of what is printed; then it goes on in a new file, and the one before the last is gone.
const MOST: u64 = 4 << 20;

/// Keeps the run of a folder going until it is over. Does nothing where that is done, or somebody else does it.
///
/// # Errors
/// When the folder cannot be read or written.
pub fn keep(folder: &Path) -> io::Result<()> {
    let folder = Folder(folder.to_owned());
    let Some(_held) = held(&folder)? else {
        return Ok(());
    };
    let Some(kept) = folder.job()? else {
        return Ok(());
    };
    // A second start would train twice.
    if folder.child()?.is_some() || folder.exit()?.is_some() {
        return Ok(());
    }
    // Noted before: from here on it may have been started.
    folder.save_child(&Process::default())?;
    let mut child = match start(&kept, folder.slot()?) {
        Ok(child) => child,
        Err(error) => {
            fs::write(folder.0.join(LOG), format!("{error}\n"))?;
            return folder.save_exit(&Exit {
                unstarted: true,
                ..Exit::default()
            });
        }
    };
    let noted = folder.save_child(&Process {
        pid: child.id(),
        started: started(child.id()),
    });
    let log = Arc::new(Mutex::new(Log::new(&folder.0)));
    let heard = [
        child.stdout.take().map(|pipe| listen(pipe, &log)),
        child.stderr.take().map(|pipe| listen(pipe, &log)),
    ];
    if let Err(error) = noted {
        // Nobody could find it again.
        signal(&child, Signal::KILL);
        child.wait()?;
        return Err(error);
    }
    let status = attend(&folder, &kept, &mut child)?;
    // What it started itself is not to go on without it, nor to hold the lines open.
    signal(&child, Signal::KILL);
    let over = Instant::now();
    while heard.iter().flatten().any(|thread| !thread.is_finished()) && over.elapsed() < LINES {
        pause(LOOK);
    }
    folder.save_exit(&Exit {
        code: status.code(),
        signal: status.signal(),
        unstarted: false,
    })
}

/// The folder's lock, unless another keeper has it: who only looks has it for a moment.
fn held(folder: &Folder) -> io::Result<Option<File>> {
    for _ in 0..20 {
        if let Some(held) = folder.hold()? {
            return Ok(Some(held));
        }
        pause(LOOK);
    }
    Ok(None)
}

fn start(kept: &Kept, slot: Option<usize>) -> io::Result<Child> {
    let mut command = kept.plan.command.iter();
    let program = command
        .next()
        .ok_or_else(|| io::Error::other("there is nothing to run"))?;
    let mut started = Command::new(program);
    // The bot's own secrets are none of its business.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("LORIKEET_") {
            started.env_remove(name);
        }
    }
    if let Some(slot) = slot {
        started.env("CUDA_VISIBLE_DEVICES", slot.to_string());
    }
    started
        .args(command)
        .current_dir(&kept.plan.directory)
        .envs(&kept.plan.environment)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // A group of its own: what it is told reaches all that it starts, and nobody else.
        .process_group(0)
        .spawn()
}

/// Waits for its end; tells it to stop once that is asked for, and ends it when it does not.
fn attend(folder: &Folder, kept: &Kept, child: &mut Child) -> io::Result<ExitStatus> {
    let mut told: Option<Instant> = None;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        match told {
            None if folder.is_to_stop() => {
                signal(child, Signal::INT);
                told = Some(Instant::now());
            }
            Some(at) if at.elapsed() > kept.grace => signal(child, Signal::KILL),
            _ => {}
        }
        pause(LOOK);
    }
}

fn signal(child: &Child, signal: Signal) {
    end_group(child.id(), signal);
}

/// Sends a signal to a group of processes. One that is gone already needs none.
pub(crate) fn end_group(group: u32, signal: Signal) {
    let group = i32::try_from(group).ok().and_then(Pid::from_raw);
    if let Some(group) = group {
        let _ = kill_process_group(group, signal);
    }
}

/// Waits where there is no runtime to wait with: in a keeper, and among files.
#[expect(
    clippy::disallowed_methods,
    reason = "a keeper has a process for itself, and work on files a thread that may be held up"
)]
pub(crate) fn pause(time: Duration) {
    std::thread::sleep(time);
}

/// When a process was started, by the system that has `/proc`: since which start of the machine, and the 22nd field of its state,
/// of which the second may have anything in it. <https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html>
pub(crate) fn started(pid: u32) -> Option<String> {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(')')?;
    let since = rest.split_whitespace().nth(19)?;
    Some(format!("{} {since}", boot.trim()))
}

/// What is printed, of a bounded size.
struct Log {
    folder: PathBuf,
    file: Option<File>,
    size: u64,
}

impl Log {
    fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            file: None,
            size: 0,
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let path = self.folder.join(LOG);
        if self.size > MOST {
            self.file = None;
            self.size = 0;
            fs::rename(&path, self.folder.join(OLD_LOG))?;
        }
        let file = match &mut self.file {
            Some(file) => file,
            None => self
                .file
                .insert(File::options().create(true).append(true).open(path)?),
        };
        file.write_all(bytes)?;
        self.size += bytes.len() as u64;
        Ok(())
    }
}

fn listen(mut pipe: impl Read + Send + 'static, log: &Arc<Mutex<Log>>) -> JoinHandle<()> {
    let log = Arc::clone(log);
    std::thread::spawn(move || {
        let mut bytes = vec![0; 16 << 10];
        while let Ok(read @ 1..) = pipe.read(&mut bytes) {
            let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
            // A full disk is no reason to end a training that may not need more.
            let _ = log.write(&bytes[..read]);
        }
    })
}
