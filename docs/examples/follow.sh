# Send a file, then read the stream of its job until it has ended.
job=$(curl -sS --fail-with-body "$CARRYOVER_URL/api/v1/jobs" \
  -H "Authorization: Bearer $CARRYOVER_TOKEN" -H "X-Firm-Id: $CARRYOVER_FIRM" \
  -F file=@clients.csv -F 'options={"autostart": true}' | sed 's/^{"id":"\([0-9a-f]*\)".*/\1/')

curl -sS --fail-with-body --no-buffer --max-time 120 "$CARRYOVER_URL/api/v1/jobs/$job/events" \
  -H "Authorization: Bearer $CARRYOVER_TOKEN" -H "X-Firm-Id: $CARRYOVER_FIRM"
