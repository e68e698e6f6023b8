# Send rows without a file.
curl -sS --fail-with-body "$CARRYOVER_URL/api/v1/jobs" \
  -H "Authorization: Bearer $CARRYOVER_TOKEN" \
  -H "X-Firm-Id: $CARRYOVER_FIRM" \
  -H "Content-Type: application/json" \
  -d '{
    "name": "from the CRM",
    "rows": [{"Client": "Elm BV", "E-mail": "cy@elm.example"}],
    "options": {"autostart": true}
  }'
