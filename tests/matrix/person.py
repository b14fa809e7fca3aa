"""A person at a client that is not the bot's: told what to do by lines of JSON, tells what happens by lines of JSON.

What is asked has an `id`, and its answer has it too: `{"id": 1, "ok": …}` or `{"id": 1, "error": "…"}`. What is heard is
`{"heard": {…}}`. Everything in the order in which it happens.
"""

import asyncio
import io
import json
import os
import sys
import tempfile
import uuid

import nio
from nio.crypto import decrypt_attachment, encrypt_attachment

LIMIT = 1 << 26


def say(line):
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


class Person:
    def __init__(self):
        self.client = None
        self.store = tempfile.mkdtemp(prefix="person-")
        self.media = {}
        self.withheld = []

    # What is heard.

    def hear(self, room, event):
        source = dict(event.source)
        content = source.get("content", {})
        if content.get("msgtype") in ("m.image", "m.file"):
            self.media[source.get("event_id")] = content
        say({"heard": {
            "room": room.room_id,
            "event": source.get("event_id"),
            "sender": source.get("sender"),
            "type": source.get("type"),
            "content": content,
            "encrypted": bool(getattr(event, "decrypted", False)),
            "redacts": source.get("redacts") or content.get("redacts"),
        }})

    async def on_event(self, room, event):
        if isinstance(event, nio.MegolmEvent):
            say({"heard": {"room": room.room_id, "event": event.event_id, "sender": event.sender, "type": "undecryptable", "content": {}}})
        else:
            self.hear(room, event)

    async def on_invite(self, room, event):
        if event.state_key == self.client.user_id and event.membership == "invite":
            say({"heard": {"room": room.room_id, "event": None, "sender": event.sender, "type": "invite", "content": {}}})

    async def on_typing(self, room, event):
        for user in event.users:
            say({"heard": {"room": room.room_id, "event": None, "sender": user, "type": "typing", "content": {}}})

    # What is done.

    async def login(self, homeserver, user, password):
        config = nio.AsyncClientConfig(store_sync_tokens=False, encryption_enabled=True)
        self.client = nio.AsyncClient(homeserver, user, store_path=self.store, config=config)
        answer = await self.client.login(password, device_name="person")
        if not isinstance(answer, nio.LoginResponse):
            raise RuntimeError(f"login: {answer}")
        self.client.add_event_callback(self.on_event, nio.Event)
        self.client.add_event_callback(self.on_invite, nio.InviteMemberEvent)
        self.client.add_ephemeral_callback(self.on_typing, nio.TypingNoticeEvent)
        await self.client.sync(timeout=0, full_state=True)
        if self.client.should_upload_keys:
            await self.client.keys_upload()
        asyncio.create_task(self.listen())
        return {"user": self.client.user_id, "device": self.client.device_id, "token": self.client.access_token}

    async def listen(self):
        while True:
            try:
                if self.client.should_upload_keys:
                    await self.client.keys_upload()
                if self.client.should_query_keys:
                    await self.client.keys_query()
                await self.client.sync(timeout=1000)
                await self.client.send_to_device_messages()
            except Exception as error:  # a homeserver that is away for a while
                say({"trouble": f"{type(error).__name__}: {error}"})
                await asyncio.sleep(0.5)

    async def create(self, invite=(), encrypted=False, direct=False, name=None, extra=None, version=None):
        state = []
        if encrypted:
            state.append({"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}})
        preset = nio.RoomPreset.trusted_private_chat if direct else nio.RoomPreset.private_chat
        answer = await self.client.room_create(
            name=name, invite=list(invite), is_direct=direct, preset=preset, initial_state=state, power_level_override=extra, room_version=version)
        if not isinstance(answer, nio.RoomCreateResponse):
            raise RuntimeError(f"create: {answer}")
        return answer.room_id

    async def join(self, room):
        answer = await self.client.join(room)
        if not isinstance(answer, nio.JoinResponse):
            raise RuntimeError(f"join: {answer}")
        return answer.room_id

    async def send(self, room, content, type="m.room.message", txn=None):
        for _ in range(100):
            if room in self.client.rooms:
                break
            await asyncio.sleep(0.1)
        for tried in range(5):
            try:
                answer = await self.client.room_send(room, type, content, tx_id=txn, ignore_unverified_devices=True)
                break
            except KeyError:  # the library forgets its session while it sends, when somebody's devices change
                await asyncio.sleep(0.2)
        if not isinstance(answer, nio.RoomSendResponse):
            raise RuntimeError(f"send: {answer}")
        return answer.event_id

    async def withhold(self, room, content):
        """Says something whose key comes later, with `give`."""
        olm, client = self.client.olm, self.client
        await client.joined_members(room)
        if missing := client.get_missing_sessions(room):
            await client.keys_claim(missing)
        olm.create_outbound_group_session(room)
        shared = olm.share_group_session_parallel(room, list(client.rooms[room].users), ignore_unverified_devices=True)
        self.withheld = [message for _, message in shared]
        olm.outbound_group_sessions[room].shared = True
        kind, locked = client.encrypt(room, "m.room.message", content)
        call = nio.Api.room_send(client.access_token, room, kind, locked, uuid.uuid4())
        answer = await client._send(nio.RoomSendResponse, *call, response_data=(room,))
        if not isinstance(answer, nio.RoomSendResponse):
            raise RuntimeError(f"send: {answer}")
        return answer.event_id

    async def oddity(self, room):
        """Says something encrypted that is no event."""
        locked = self.client.olm.group_encrypt(room, {"content": {}})
        call = nio.Api.room_send(self.client.access_token, room, "m.room.encrypted", locked, uuid.uuid4())
        await self.client._send(nio.RoomSendResponse, *call, response_data=(room,))

    async def give(self, room):
        for message in self.withheld:
            call = nio.Api.to_device(self.client.access_token, "m.room.encrypted", message, uuid.uuid4())
            answer = await self.client._send(nio.ShareGroupSessionResponse, *call, response_data=(room, set()))
            if not isinstance(answer, nio.ShareGroupSessionResponse):
                raise RuntimeError(f"give: {answer}")

    async def image(self, room, path, mime="image/jpeg", caption=None, wrong=None, type="m.image", thread=None):
        data = open(path, "rb").read()
        name = os.path.basename(path)
        content = {"msgtype": type, "body": caption or name, "info": {"mimetype": mime, "size": len(data)}}
        if caption:
            content["filename"] = name
        encrypted = self.client.rooms[room].encrypted
        keys = None
        if encrypted:
            data, keys = encrypt_attachment(data)
        # Straight to the server: the client's own upload wants a file.
        answer, _ = await self.client.upload(lambda *_: io.BytesIO(data), content_type="application/octet-stream" if encrypted else mime, filesize=len(data))
        if not isinstance(answer, nio.UploadResponse):
            raise RuntimeError(f"upload: {answer}")
        url = "mxc://matrix.test/gone" if wrong == "gone" else answer.content_uri
        if keys:
            if wrong == "hash":
                keys["hashes"]["sha256"] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
            content["file"] = dict(keys, url=url)
        else:
            content["url"] = url
        if thread:
            content["m.relates_to"] = {"rel_type": "m.thread", "event_id": thread, "is_falling_back": True, "m.in_reply_to": {"event_id": thread}}
        return await self.send(room, content)

    async def redact(self, room, event):
        answer = await self.client.room_redact(room, event)
        if not isinstance(answer, nio.RoomRedactResponse):
            raise RuntimeError(f"redact: {answer}")
        return answer.event_id

    async def download(self, event, path):
        content = self.media[event]
        file = content.get("file")
        answer = await self.client.download(file["url"] if file else content["url"])
        if not hasattr(answer, "body"):
            raise RuntimeError(f"download: {answer}")
        body = answer.body
        if file:
            body = decrypt_attachment(body, file["key"]["k"], file["hashes"]["sha256"], file["iv"])
        open(path, "wb").write(body)
        return len(body)


async def main():
    person = Person()
    lines = asyncio.StreamReader(limit=LIMIT)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := await lines.readline():
        asked = json.loads(line)
        number = asked.pop("id")
        try:
            say({"id": number, "ok": await getattr(person, asked.pop("do"))(**asked)})
        except Exception as error:
            say({"id": number, "error": f"{type(error).__name__}: {error}"})
    if person.client:
        await person.client.close()


asyncio.run(main())
