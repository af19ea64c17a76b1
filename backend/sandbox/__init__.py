"""The sandbox: an HTTP server on loopback that speaks every provider's protocol, as strictly as documented.

Nothing costs money, jobs finish within seconds, results are real MP4 files. Clients of the real services
work against it unchanged: only the address and the key differ.

============== ==========================================================================================
server         :class:`~.server.SandboxServer`, :class:`~.server.SandboxAccount`: start, stop, accounts
host           :class:`~.host.SandboxHost`: one sandbox for all reeltops that share a folder
app, wire      the ASGI application; one exchange, and how a connection is lost
face           what protocols have in common: routes, checks from the request models, jobs
answers        calls, answers and refusals, before they have a protocol's shape
kling          the official legacy standard, below ``/kling``
kling_v2       API 2.0, beside it
kling_relay    the relay, below ``/relay``
openai_video   the OpenAI-style gateway, below ``/openai``
chanjing       Chanjing, below ``/chanjing``
jobs, books    the simulator, and its memory on disk
media, mp4     the result files: clips from ``clips/`` made into each job's own
faults         trouble on request
============== ==========================================================================================
"""
