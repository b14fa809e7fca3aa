//! Why a training failed, in a sentence for the person who wanted it: by how the program ended and what it said last.

/// How a program ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Exit {
    /// Its status; none where a signal ended it.
    pub(crate) code: Option<i32>,
    /// The signal that ended it.
    pub(crate) signal: Option<i32>,
    /// It could not be started.
    #[serde(default)]
    pub(crate) unstarted: bool,
}

/// What stands in the last lines, in lower case, and what it means. The first that is there counts.
const SAYINGS: &[(&[&str], &str)] = &[
    (
        &[
            "cuda out of memory",
            "outofmemoryerror",
            "out of memory. tried to allocate",
            "hip out of memory",
        ],
        "The graphics card has too little memory for this. Choose a smaller resolution or a smaller rank, and start again.",
    ),
    (
        &["no space left on device", "disk quota exceeded"],
        "The disk of the training machine is full. Whoever runs this bot has to make room; then start again.",
    ),
    (
        &[
            "gatedrepoerror",
            "gated repo",
            "access to model",
            "cannot access gated",
        ],
        "The base model may only be used by who agreed to its licence. Whoever runs this bot has to do that, or choose another base model.",
    ),
    (
        &[
            "no data found",
            "no images found",
            "found no images",
            "no image files",
            "dataset is empty",
            "num_samples=0",
        ],
        "The trainer found no pictures. Your pictures and captions are untouched: start again, and tell whoever runs this bot if it stays so.",
    ),
    (
        &[
            "no cuda gpus are available",
            "torch not compiled with cuda",
            "found no nvidia driver",
            "cuda driver version is insufficient",
        ],
        "The trainer found no graphics card that it can use. Whoever runs this bot has to look after that; then start again.",
    ),
    (
        &[
            "no module named",
            "modulenotfounderror",
            "importerror",
            "can't open file",
        ],
        "The trainer is not installed as it should be. Whoever runs this bot can see what is missing with lorikeet check --engines.",
    ),
    (
        &[
            "unrecognized arguments",
            "unexpected keyword argument",
            "invalid choice",
        ],
        "The trainer is of another version than this bot knows. Whoever runs this bot has to bring one of them up to date.",
    ),
    (
        &[
            "repository not found",
            "does not appear to have a file named",
            "error loading file",
            "no such file or directory",
            "safetensorerror",
            "headertoolarge",
        ],
        "The base model is not where it should be, or cannot be read. Whoever runs this bot can see which with lorikeet check --engines.",
    ),
    (
        &["loss is nan", "nan detected"],
        "The training went astray: its loss is no number any more. Choose a smaller learning rate, and start again.",
    ),
];

/// The sentence. `tail` is what the program said last.
pub(crate) fn reason(exit: Option<Exit>, tail: &str) -> String {
    let said = tail.to_lowercase();
    let known = SAYINGS
        .iter()
        .find(|(words, _)| words.iter().any(|word| said.contains(word)));
    let known = known.map(|(_, sentence)| *sentence);
    let told = match (exit, known) {
        (
            Some(Exit {
                unstarted: true, ..
            }),
            _,
        ) => {
            "The trainer could not be started. Whoever runs this bot can see why with lorikeet check --engines."
        }
        // What was said long before its end from outside is not why.
        (None, _) => {
            "The training was broken off from outside: its machine was restarted, or somebody ended it. Your pictures and settings are as they were: start again."
        }
        // SIGKILL: as a rule by the system, for want of memory.
        (
            Some(Exit {
                signal: Some(9), ..
            }),
            _,
        ) => {
            "The training was killed, most likely because its machine ran out of memory. Choose a smaller resolution, or start again later."
        }
        (Some(_), Some(sentence)) => sentence,
        (Some(Exit { code: Some(0), .. }), None) => {
            "The trainer ended without making a file. Your pictures and settings are as they were: start again, and tell whoever runs this bot if it stays so."
        }
        (Some(_), None) => {
            "The trainer ended with an error. Your pictures and settings are as they were. Whoever runs this bot finds its last lines in the engine’s folder."
        }
    };
    told.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_programs_say_becomes_a_sentence() {
        let ended = |code| {
            Some(Exit {
                code: Some(code),
                ..Exit::default()
            })
        };
        for (tail, word) in [
            (
                "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB",
                "too little memory",
            ),
            ("OSError: [Errno 28] No space left on device", "full"),
            (
                "huggingface_hub.errors.GatedRepoError: 401 Client Error.",
                "licence",
            ),
            (
                "ERROR    No data found. Please verify arguments",
                "no pictures",
            ),
            ("RuntimeError: No CUDA GPUs are available", "graphics card"),
            (
                "ModuleNotFoundError: No module named 'torch'",
                "not installed",
            ),
            ("error: unrecognized arguments: --x", "another version"),
            (
                "FileNotFoundError: [Errno 2] No such file or directory: '/models/x'",
                "base model",
            ),
            ("whatever else", "with an error"),
        ] {
            let told = reason(ended(1), tail);
            assert!(told.contains(word), "{tail}: {told}");
        }
        assert!(reason(ended(0), "").contains("without making a file"));
        let killed = Some(Exit {
            signal: Some(9),
            ..Exit::default()
        });
        assert!(reason(killed, "").contains("killed"));
        assert!(reason(None, "").contains("from outside"));
    }
}
