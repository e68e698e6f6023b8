import json
import os
import time

import pika

token, firm, broker = (os.environ[f"CARRYOVER_{name}"] for name in ("TOKEN", "FIRM", "BROKER"))
request = {
    "firm": firm,
    "idempotency_key": "crm-export-8",
    "options": {"autostart": True},
    "rows": [{"Client": "Birch BV", "E-mail": "bob@birch.example"}],
}
answers = []

connection = pika.BlockingConnection(pika.URLParameters(broker))
channel = connection.channel()
channel.confirm_delivery()  # publishing fails where the broker does not have the message
channel.basic_consume(
    "amq.rabbitmq.reply-to", lambda *answer: answers.append(json.loads(answer[3])), auto_ack=True
)
channel.basic_publish(
    "carryover",
    "job.requested",
    json.dumps(request).encode(),
    pika.BasicProperties(
        content_type="application/json",
        correlation_id="8",
        reply_to="amq.rabbitmq.reply-to",
        headers={"authorization": f"Bearer {token}"},
    ),
    mandatory=True,
)
deadline = time.monotonic() + 60
while not answers and time.monotonic() < deadline:
    connection.process_data_events(time_limit=1)
connection.close()

job = answers[0]
if "code" in job:
    raise SystemExit(f"refused: {job['code']}: {job['detail']}")
print("job", job["id"], job["status"])
