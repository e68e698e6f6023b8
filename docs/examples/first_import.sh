# Send a file; the answer is the job.
curl -sS --fail-with-body "$CARRYOVER_URL/api/v1/jobs" \
  -H "Authorization: Bearer $CARRYOVER_TOKEN" \
  -H "X-Firm-Id: $CARRYOVER_FIRM" \
  -F file=@clients.csv \
  -F 'options={"autostart": true}'
