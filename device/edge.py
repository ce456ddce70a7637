#!/usr/bin/env python3
"""Streams the cameras of a device while something moves before them, and tells the fleet of motion and of the producers.

Usage: edge.py edge.json

Needs Python 3.9, GStreamer with its introspection (Debian: python3-gi gir1.2-gstreamer-1.0 gstreamer1.0-opencv), kvssink, and
paho-mqtt (python3-paho-mqtt), or, on Greengrass, awsiotsdk.
"""

import datetime
import json
import os
import re
import signal
import socket
import ssl
import string
import sys
import threading
import time
import uuid

# Motion goes on to be told this often, in seconds: the gate of a stream in the cloud is open for longer.
REPEAT_SECONDS = 10

# A camera of which no picture has come for so long is broken, in seconds.
FROZEN_SECONDS = 15

# How long what is recorded may take to end well, in seconds.
FINISH_SECONDS = 5

# What the producer SDK logs with each key frame, and where it belongs in a report.
FIGURES = {
    "Overall storage byte size": "contentStoreSize",
    "Available storage byte size": "contentStoreAvailableSize",
    "Current view duration (ms)": "currentViewDuration",
    "Current elementary frame rate (fps)": "currentFrameRate",
    "Current transfer rate (bps)": "currentTransferRate",
}
HEADING = re.compile(r"Kinesis Video client and stream metrics for (\S+)")
FIGURE = re.compile(r"^\s*>> ([^:]+): ([0-9.eE+-]+)")
COUNTED = {
    "putFrameErrors": re.compile(r"Put frame for (\S+) failed"),
    "errorAcks": re.compile(r"Reported stream error\..* for (\S+)$"),
    # Which stream it is of isn't said.
    "droppedFrames": re.compile(r"Reported droppedFrame callback()"),
}


class Producers:
    """What the log of the producer SDK tells, as reports of `schemas/producer-telemetry.v1.json`."""

    def __init__(self, streams, storage_size):
        self._lock = threading.Lock()
        self._latest = {stream: {"contentStoreSize": storage_size, "contentStoreAvailableSize": storage_size} for stream in streams}
        self._counts = {stream: dict.fromkeys(COUNTED, 0) for stream in streams}
        self._told = set()
        self._stream = None

    def read(self, line):
        """Takes in a line. Says whether it is only of figures, which nobody wants in a journal."""
        with self._lock:
            heading = HEADING.search(line)
            if heading:
                self._stream = heading.group(1)
                return True
            figure = FIGURE.match(line)
            if figure:
                self._take(*figure.groups())
                return True
            for name, pattern in COUNTED.items():
                found = pattern.search(line)
                if found:
                    self._count(name, found.group(1))
            return False

    def report(self):
        """What is to be told now; counts begin anew. A stream that is not sent at the moment isn't in it."""
        with self._lock:
            streams = []
            for stream, latest in self._latest.items():
                if stream in self._told and "currentTransferRate" in latest:
                    figures = {key: latest[key] for key in latest if key.startswith("current")}
                    streams.append({**figures, **self._counts[stream]})
                    self._counts[stream] = dict.fromkeys(COUNTED, 0)
            self._told.clear()
            sizes = {
                key: int(sum(latest[key] for latest in self._latest.values()))
                for key in ("contentStoreSize", "contentStoreAvailableSize")
            }
            return {"schemaVersion": "1.0", **sizes, "streams": streams}

    def _take(self, title, figure):
        key = FIGURES.get(title)
        if key is None or self._stream not in self._latest:
            return
        # The log has bits, and the report bytes.
        number = float(figure) / 8 if key == "currentTransferRate" else float(figure)
        self._latest[self._stream][key] = round(number, 3)
        self._told.add(self._stream)

    def _count(self, name, stream):
        counted = stream if stream in self._counts else next(iter(self._counts))
        self._counts[counted][name] += 1


class Mqtt:
    """Publishes with the device's own certificate. AWS IoT lets a thing have one connection by its name."""

    def __init__(self, thing, broker, credentials):
        import paho.mqtt.client as paho

        # The second version of the library wants to be told that callbacks are those of the first.
        version = [paho.CallbackAPIVersion.VERSION1] if hasattr(paho, "CallbackAPIVersion") else []
        self._client = paho.Client(*version, client_id=thing)
        self._client.tls_set(
            ca_certs=os.path.join(credentials, broker["ca"]),
            certfile=os.path.join(credentials, broker["certificate"]),
            keyfile=os.path.join(credentials, broker["privateKey"]),
            tls_version=ssl.PROTOCOL_TLS_CLIENT,
        )
        # What can't be sent isn't kept for long: motion of an hour ago opens no gate.
        self._client.max_queued_messages_set(100)
        self._client.reconnect_delay_set(min_delay=1, max_delay=120)
        self._client.connect_async(broker["host"], broker["port"], keepalive=60)
        self._client.loop_start()

    def publish(self, topic, message, qos):
        self._client.publish(topic, json.dumps(message), qos=qos)

    def close(self):
        self._client.disconnect()
        self._client.loop_stop()


class Greengrass:
    """Publishes through the nucleus, which has the thing's one connection."""

    def __init__(self):
        from awsiot.greengrasscoreipc.clientv2 import GreengrassCoreIPCClientV2

        self._client = GreengrassCoreIPCClientV2()

    def publish(self, topic, message, qos):
        self._client.publish_to_iot_core_async(topic_name=topic, qos=str(qos), payload=json.dumps(message).encode())

    def close(self):
        self._client.close()


def motion_message(camera):
    """A message of `schemas/device-motion.v1.json`."""
    now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")
    message = {"schemaVersion": "1.0", "id": uuid.uuid4().hex, "detectedAt": now.replace("+00:00", "Z")}
    return {**message, "camera": camera} if camera else message


def notify(state):
    """Tells systemd, if it has started this: https://www.freedesktop.org/software/systemd/man/sd_notify.html"""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.sendto(state.encode(), "\0" + address[1:] if address.startswith("@") else address)


class Camera:
    """One pipeline, whose gate is open while something moves."""

    def __init__(self, Gst, settings, folders, on_motion, on_end):
        self._Gst = Gst
        self._on_motion = on_motion
        self._wanted = False
        self._finishing = False
        self.name = settings.get("camera")
        self.seen_at = time.monotonic()
        self._pipeline = Gst.parse_launch(string.Template(settings["pipeline"]).substitute(folders))
        self._gate = self._pipeline.get_by_name("gate")
        self._pipeline.get_by_name("pictures").get_static_pad("sink").add_probe(Gst.PadProbeType.BUFFER, self._seen)
        self._gate.get_static_pad("sink").add_probe(Gst.PadProbeType.BUFFER, self._at_gate)
        bus = self._pipeline.get_bus()
        bus.add_signal_watch()
        bus.connect("message::element", self._element)
        bus.connect("message::error", lambda _, message: on_end("%s: %s" % message.parse_error()))
        bus.connect("message::eos", lambda _, message: on_end(None))

    @property
    def moving(self):
        return self._wanted

    def play(self):
        self._pipeline.set_state(self._Gst.State.PLAYING)

    def finish(self):
        """Has what is recorded end well, and calls `on_end`."""
        # A gate that is shut would keep the end back too.
        self._finishing = True
        self._gate.set_property("drop", False)
        self._pipeline.send_event(self._Gst.Event.new_eos())

    def stop(self):
        self._pipeline.set_state(self._Gst.State.NULL)

    def _seen(self, _pad, _info):
        self.seen_at = time.monotonic()
        return self._Gst.PadProbeReturn.OK

    def _at_gate(self, _pad, info):
        """Of a camera that encodes by itself, nothing can be played before its next key frame."""
        if self._finishing:
            return self._Gst.PadProbeReturn.OK if self._wanted else self._Gst.PadProbeReturn.DROP
        shut = self._gate.get_property("drop")
        if self._wanted and shut and not info.get_buffer().has_flags(self._Gst.BufferFlags.DELTA_UNIT):
            self._gate.set_property("drop", False)
            self._ask_for_key_frame()
        elif not self._wanted and not shut:
            self._gate.set_property("drop", True)
        return self._Gst.PadProbeReturn.OK

    def _ask_for_key_frame(self):
        """The first picture after a pause begins a fragment."""
        encoder = self._pipeline.get_by_name("encoder")
        if encoder:
            structure = self._Gst.Structure.from_string("GstForceKeyUnit,all-headers=(boolean)true,count=(uint)0")[0]
            event = self._Gst.Event.new_custom(self._Gst.EventType.CUSTOM_UPSTREAM, structure)
            encoder.get_static_pad("src").send_event(event)

    def _element(self, _bus, message):
        structure = message.get_structure()
        if structure is None or structure.get_name() != "motion":
            return
        if structure.has_field("motion_begin"):
            self._wanted = True
            self._on_motion(self)
        elif structure.has_field("motion_finished"):
            self._wanted = False


def read_log(producers):
    """The producer SDK writes its log to the standard output: reads it there, and passes the rest of it on."""
    reading, writing = os.pipe()
    os.dup2(writing, 1)
    os.close(writing)

    def read():
        with os.fdopen(reading, errors="replace") as log:
            for line in log:
                if not producers.read(line.rstrip("\n")) and not line.startswith(("DEBUG", "TRACE")):
                    sys.stderr.write(line)
                    sys.stderr.flush()

    threading.Thread(target=read, daemon=True).start()


def main(settings, folder):
    import gi

    gi.require_version("Gst", "1.0")
    from gi.repository import GLib, Gst

    credentials = os.environ.get("CREDENTIALS_DIRECTORY", "/etc/kvs")
    folders = {"CREDENTIALS_DIRECTORY": credentials, "KIT_DIRECTORY": folder}
    producers = Producers([camera["stream"] for camera in settings["cameras"]], settings["storageSize"])
    read_log(producers)
    Gst.init(None)
    broker = settings["mqtt"]
    publisher = Greengrass() if os.environ.get("SVCUID") else Mqtt(settings["thing"], broker, credentials)
    loop = GLib.MainLoop()
    failures = []
    running = []

    def tell_motion(camera):
        publisher.publish(settings["motionTopic"], motion_message(camera.name), 1)

    def ended(failure):
        if failure:
            failures.append(failure)
            loop.quit()
            return
        running.pop()
        if not running:
            loop.quit()

    def repeat():
        for camera in cameras:
            if camera.moving:
                tell_motion(camera)
        return True

    def watch():
        frozen = [camera for camera in cameras if time.monotonic() - camera.seen_at > FROZEN_SECONDS]
        # Without it, systemd starts this anew.
        if not frozen:
            notify("WATCHDOG=1")
        return True

    def report():
        publisher.publish(settings["telemetryTopic"], producers.report(), 0)
        return True

    def finish():
        for camera in cameras:
            camera.finish()
        # An end that doesn't come isn't waited for.
        GLib.timeout_add_seconds(FINISH_SECONDS, loop.quit)
        return False

    cameras = [Camera(Gst, each, folders, tell_motion, ended) for each in settings["cameras"]]
    running.extend(cameras)
    for camera in cameras:
        camera.play()
    notify("READY=1")
    GLib.timeout_add_seconds(REPEAT_SECONDS, repeat)
    GLib.timeout_add_seconds(5, watch)
    if settings.get("telemetryTopic"):
        GLib.timeout_add_seconds(settings["telemetrySeconds"], report)
    for number in (signal.SIGTERM, signal.SIGINT):
        GLib.unix_signal_add(GLib.PRIORITY_HIGH, number, finish)
    loop.run()
    notify("STOPPING=1")
    for camera in cameras:
        camera.stop()
    publisher.close()
    if failures:
        sys.exit("A pipeline failed. " + "; ".join(failures))


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        main(json.load(file), os.path.dirname(os.path.abspath(sys.argv[1])))
