//! The program as its user starts it; everything else it does is in the workspace's `tests`.

use std::process::Command;

#[test]
fn it_says_what_it_is_and_what_it_can_do() {
    let run = |argument: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_lorikeet"))
            .arg(argument)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let version = format!("lorikeet {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(run("--version"), version);
    let help = run("--help");
    for command in ["run", "check"] {
        assert!(help.contains(command), "{help}");
    }
}
