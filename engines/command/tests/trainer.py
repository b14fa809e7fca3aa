"""A stand-in for trainers: takes what they take, prints what they print, makes what they make, and misbehaves when it is told to.

    trainer.py kohya --config_file ARGUMENTS.toml --console_log_simple
    trainer.py toolkit CONFIG.yaml
    trainer.py custom FILE STEPS RANK DATASET

How it misbehaves stands in the environment, as TRAINER.
"""

import json
import os
import signal
import struct
import sys
import time
import tomllib
import zlib

how = os.environ.get("TRAINER", "")
pause = float(os.environ.get("TRAINER_PAUSE", "0.002"))


def lora(path, rank, metadata):
    shape = {"down": [rank, 4], "up": [4, rank]}
    data = struct.pack(f"<{rank * 4}f", *([0.5] * (rank * 4)))
    header = {
        "__metadata__": metadata,
        "lora_unet_a.lora_down.weight": {"dtype": "F32", "shape": shape["down"], "data_offsets": [0, len(data)]},
        "lora_unet_a.lora_up.weight": {"dtype": "F32", "shape": shape["up"], "data_offsets": [len(data), 2 * len(data)]},
    }
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    whole = struct.pack("<Q", len(text)) + text + data + data
    if how == "truncated":
        whole = whole[:-5]
    if how == "garbage-file":
        whole = b"PK\x03\x04" * 10
    with open(path + ".tmp", "wb") as file:
        file.write(whole)
    os.rename(path + ".tmp", path)


def png(path):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    raw = b"".join(b"\0" + bytes([40, 120, 200] * 8) for _ in range(8))
    whole = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0))
    whole += chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")
    with open(path, "wb") as file:
        file.write(whole)


def pictures(folder):
    names = sorted(os.listdir(folder))
    images = [name for name in names if name.endswith((".png", ".jpg"))]
    for name in images:
        caption = open(os.path.join(folder, os.path.splitext(name)[0] + ".txt")).read().splitlines()
        if not caption or not caption[0].strip():
            # As kohya does.
            raise IndexError("list index out of range")
    return images


class Stopped(Exception):
    pass


def on_int(*_):
    raise Stopped


def misbehave():
    if how == "memory":
        print("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.", file=sys.stderr)
        sys.exit(1)
    if how == "no-data":
        print("ERROR    No data found. Please verify arguments", file=sys.stderr)
        sys.exit(0)
    if how == "gated":
        print("huggingface_hub.errors.GatedRepoError: 401 Client Error.", file=sys.stderr)
        sys.exit(1)
    if how == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "no-file":
        sys.exit(0)
    if how == "garbage":
        sys.stdout.buffer.write(bytes(range(256)) * 4000)
        sys.stdout.flush()
        sys.exit(3)
    if how == "flood":
        line = b"x" * 1023 + b"\n"
        for _ in range(40_000):
            sys.stdout.buffer.write(line)
        sys.stdout.flush()
    if how == "deaf":
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    if how == "tells":
        print("card", os.environ.get("CUDA_VISIBLE_DEVICES"))
        print("secrets", [name for name in os.environ if name.startswith("LORIKEET_")], flush=True)
    if how == "silent":
        time.sleep(3600)


def train(name, label, steps, every, rank, save, sample):
    misbehave()
    print("caching latents.", flush=True)
    for step in range(1, steps + 1):
        time.sleep(pause)
        rate = 1 / max(pause, 1e-6)
        bar = f"{label}:  {step * 100 // steps}%|{'█' * 3:<10}| {step}/{steps} [00:01<00:01, {rate:5.2f}it/s"
        tail = f", avr_loss={1 / step:.3g}]" if label == "steps" else f", lr: 1.0e-04 loss: {1 / step:.1e}]"
        sys.stderr.write("\r" + bar + tail)
        sys.stderr.flush()
        if step % every == 0 and step < steps:
            save(step)
            sample(step)
    save(None)
    sample(steps)
    if how == "falls":
        # As CUDA does while it is torn down.
        os.kill(os.getpid(), signal.SIGSEGV)


def main():
    kind = sys.argv[1]
    signal.signal(signal.SIGINT, on_int)
    rank_of = lambda rank: rank + 1 if how == "rank" else rank
    if kind == "kohya":
        arguments = tomllib.load(open(sys.argv[3], "rb"))
        for key in ("learning_rate", "unet_lr", "network_alpha"):
            assert isinstance(arguments[key], float), key
        for key in ("network_dim", "max_train_steps", "seed", "save_every_n_steps"):
            assert isinstance(arguments[key], int), key
        dataset = tomllib.load(open(arguments["dataset_config"], "rb"))
        subset = dataset["datasets"][0]["subsets"][0]
        assert subset["caption_extension"] == ".txt"
        found = pictures(subset["image_dir"])
        prompts = open(arguments["sample_prompts"]).read().splitlines()
        assert all(prompt.count(" --") == 4 for prompt in prompts), prompts
        out, name, rank = arguments["output_dir"], arguments["output_name"], rank_of(arguments["network_dim"])
        metadata = {"ss_dataset_dirs": subset["image_dir"], "ss_network_dim": str(rank), "ss_tag_frequency": json.dumps(found)}
        os.makedirs(os.path.join(out, "sample"), exist_ok=True)

        def save(step):
            ending = "" if step is None else f"-step{step:08d}"
            path = os.path.join(out, f"{name}{ending}.safetensors")
            print(f"\nsaving checkpoint: {path}", flush=True)
            lora(path, rank, metadata)

        def sample(step):
            for index in range(len(prompts)):
                png(os.path.join(out, "sample", f"{name}_{step:06d}_{index:02d}_20260101120000_{arguments['seed']}.png"))

        train(name, "steps", arguments["max_train_steps"], arguments["save_every_n_steps"], rank, save, sample)
    elif kind == "toolkit":
        # YAML that JSON's readers read: but a number such as 1e-05 would be a text to YAML's.
        text = open(sys.argv[2]).read()
        process = json.loads(text)["config"]["process"][0]
        # The program would put its environment there.
        assert "$" not in text
        assert "e-" not in text.split('"lr":')[1].split(",")[0], "a short number"
        pictures(process["datasets"][0]["folder_path"])
        name = json.loads(text)["config"]["name"]
        out = os.path.join(process["training_folder"], name)
        os.makedirs(os.path.join(out, "samples"), exist_ok=True)
        rank = rank_of(process["network"]["linear"])

        def save(step):
            ending = "" if step is None else f"_{step:09d}"
            lora(os.path.join(out, f"{name}{ending}.safetensors"), rank, {"software": "{}"})

        def sample(step):
            for index in range(len(process["sample"]["prompts"])):
                png(os.path.join(out, "samples", f"{int(time.time() * 1000)}__{step:09d}_{index}.png"))

        try:
            train(name, name, process["train"]["steps"], process["save"]["save_every"], rank, save, sample)
        except Stopped:
            # As ai-toolkit does.
            sys.exit(0)
    else:
        file, steps, rank, dataset = sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
        pictures(dataset)
        misbehave()
        for step in range(1, steps + 1):
            time.sleep(pause)
            print(f"step {step}/{steps} loss={1 / step}", flush=True)
        lora(file, rank_of(rank), {})


try:
    main()
except Stopped:
    sys.exit(130)
