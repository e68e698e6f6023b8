# The same key, file and options give the same job, however often they are sent.
for try in 1 2 3; do
  curl -sS --fail-with-body "$CARRYOVER_URL/api/v1/jobs" \
    -H "Authorization: Bearer $CARRYOVER_TOKEN" \
    -H "X-Firm-Id: $CARRYOVER_FIRM" \
    -H "Idempotency-Key: crm-export-of-today" \
    -F file=@clients.csv \
    -F 'options={"autostart": true}'
done
