-- Which tables are kept, as `audit.kept_tables` says.

CREATE TRIGGER audit_added AFTER INSERT
ON accounts_operator FOR EACH ROW
EXECUTE FUNCTION audit_keep('self', 'name',
    'slug,name,currency,waiver_limit,waiver_day_limit,refund_limit,legal_name,tax_id,timezone,till_tolerance,debt_reminder_fee,debt_fee_cap,debt_consequence,address',
    '',
    '',
    '',
    '');

CREATE TRIGGER audit_changed AFTER UPDATE OF "slug", "name", "currency", "waiver_limit", "waiver_day_limit", "refund_limit", "legal_name",
    "tax_id", "timezone", "till_tolerance", "debt_reminder_fee", "debt_fee_cap", "debt_consequence", "address"
ON accounts_operator FOR EACH ROW
EXECUTE FUNCTION audit_keep('self', 'name',
    'slug,name,currency,waiver_limit,waiver_day_limit,refund_limit,legal_name,tax_id,timezone,till_tolerance,debt_reminder_fee,debt_fee_cap,debt_consequence,address',
    '',
    '',
    '',
    '');

CREATE TRIGGER audit_removed AFTER DELETE
ON accounts_operator FOR EACH ROW
EXECUTE FUNCTION audit_keep('self', 'name',
    'slug,name,currency,waiver_limit,waiver_day_limit,refund_limit,legal_name,tax_id,timezone,till_tolerance,debt_reminder_fee,debt_fee_cap,debt_consequence,address',
    '',
    '',
    '',
    '');

CREATE TRIGGER audit_added AFTER INSERT
ON accounts_operatorlogo FOR EACH ROW
EXECUTE FUNCTION audit_keep('operator', '', 'media_type', '', '', 'image', '');

CREATE TRIGGER audit_changed AFTER UPDATE OF "media_type", "image"
ON accounts_operatorlogo FOR EACH ROW
EXECUTE FUNCTION audit_keep('operator', '', 'media_type', '', '', 'image', '');

CREATE TRIGGER audit_removed AFTER DELETE
ON accounts_operatorlogo FOR EACH ROW
EXECUTE FUNCTION audit_keep('operator', '', 'media_type', '', '', 'image', '');

CREATE TRIGGER audit_added AFTER INSERT
ON accounts_membership FOR EACH ROW
EXECUTE FUNCTION audit_keep('operator', '', 'user_id,role,merchant_id', '', '', '', '');

CREATE TRIGGER audit_changed AFTER UPDATE OF "user_id", "role", "merchant_id"
ON accounts_membership FOR EACH ROW
EXECUTE FUNCTION audit_keep('operator', '', 'user_id,role,merchant_id', '', '', '', '');

CREATE TRIGGER audit_removed AFTER DELETE
ON accounts_membership FOR EACH ROW
EXECUTE FUNCTION audit_keep('operator', '', 'user_id,role,merchant_id', '', '', '', '');

CREATE TRIGGER audit_added AFTER INSERT
ON accounts_invitation FOR EACH ROW
EXECUTE FUNCTION audit_keep('operator', '', 'role,merchant_id,accepted_at,withdrawn_at', 'email', '', '', '');

CREATE TRIGGER audit_changed AFTER UPDATE OF "role", "merchant_id", "accepted_at", "withdrawn_at", "email"
ON accounts_invitation FOR EACH ROW
EXECUTE FUNCTION audit_keep('operator', '', 'role,merchant_id,accepted_at,withdrawn_at', 'email', '', '', '');

CREATE TRIGGER audit_removed AFTER DELETE
ON accounts_invitation FOR EACH ROW
EXECUTE FUNCTION audit_keep('operator', '', 'role,merchant_id,accepted_at,withdrawn_at', 'email', '', '', '');

CREATE TRIGGER audit_added AFTER INSERT
ON accounts_user FOR EACH ROW WHEN (NEW.is_staff OR NEW.is_superuser)
EXECUTE FUNCTION audit_keep('person', '', 'is_superuser,is_staff,is_active,deleted_at', 'email', '', 'password', '');

CREATE TRIGGER audit_changed AFTER UPDATE OF "is_superuser", "is_staff", "is_active", "deleted_at", "email", "password"
ON accounts_user FOR EACH ROW WHEN (NEW.program_of_id IS NULL)
EXECUTE FUNCTION audit_keep('person', '', 'is_superuser,is_staff,is_active,deleted_at', 'email', '', 'password', '');

CREATE TRIGGER audit_removed AFTER DELETE
ON accounts_user FOR EACH ROW WHEN (OLD.program_of_id IS NULL)
EXECUTE FUNCTION audit_keep('person', '', 'is_superuser,is_staff,is_active,deleted_at', 'email', '', 'password', '');

CREATE TRIGGER audit_added AFTER INSERT
ON accounts_user_groups FOR EACH ROW
EXECUTE FUNCTION audit_keep('person', '', 'group_id', '', '', '', '');

CREATE TRIGGER audit_changed AFTER UPDATE OF "group_id"
ON accounts_user_groups FOR EACH ROW
EXECUTE FUNCTION audit_keep('person', '', 'group_id', '', '', '', '');

CREATE TRIGGER audit_removed AFTER DELETE
ON accounts_user_groups FOR EACH ROW
EXECUTE FUNCTION audit_keep('person', '', 'group_id', '', '', '', '');

CREATE TRIGGER audit_added AFTER INSERT
ON accounts_user_user_permissions FOR EACH ROW
EXECUTE FUNCTION audit_keep('person', '', 'permission_id', '', '', '', '');

CREATE TRIGGER audit_changed AFTER UPDATE OF "permission_id"
ON accounts_user_user_permissions FOR EACH ROW
EXECUTE FUNCTION audit_keep('person', '', 'permission_id', '', '', '', '');

CREATE TRIGGER audit_removed AFTER DELETE
ON accounts_user_user_permissions FOR EACH ROW
EXECUTE FUNCTION audit_keep('person', '', 'permission_id', '', '', '', '');

CREATE TRIGGER audit_added AFTER INSERT
ON account_emailaddress FOR EACH ROW
EXECUTE FUNCTION audit_keep('person', '', 'verified,primary', 'email', '', '', '');

CREATE TRIGGER audit_changed AFTER UPDATE OF "verified", "primary", "email"
ON account_emailaddress FOR EACH ROW
EXECUTE FUNCTION audit_keep('person', '', 'verified,primary', 'email', '', '', '');

CREATE TRIGGER audit_removed AFTER DELETE
ON account_emailaddress FOR EACH ROW
EXECUTE FUNCTION audit_keep('person', '', 'verified,primary', 'email', '', '', '');

CREATE TRIGGER audit_added AFTER INSERT
ON mfa_authenticator FOR EACH ROW
EXECUTE FUNCTION audit_keep('person', '', 'type', '', '', '', '');

CREATE TRIGGER audit_removed AFTER DELETE
ON mfa_authenticator FOR EACH ROW
EXECUTE FUNCTION audit_keep('person', '', 'type', '', '', '', '');

CREATE TRIGGER audit_added AFTER INSERT
ON accounts_apikey FOR EACH ROW
EXECUTE FUNCTION audit_keep('operator', 'name',
    'name,scopes,lot_ids,old_ends_at,ends_at,withdrawn_at',
    '',
    '',
    'key_hash,old_hash',
    '');

CREATE TRIGGER audit_changed AFTER UPDATE OF "name", "scopes", "lot_ids", "old_ends_at", "ends_at", "withdrawn_at", "key_hash", "old_hash"
ON accounts_apikey FOR EACH ROW
EXECUTE FUNCTION audit_keep('operator', 'name',
    'name,scopes,lot_ids,old_ends_at,ends_at,withdrawn_at',
    '',
    '',
    'key_hash,old_hash',
    '');

CREATE TRIGGER audit_removed AFTER DELETE
ON accounts_apikey FOR EACH ROW
EXECUTE FUNCTION audit_keep('operator', 'name',
    'name,scopes,lot_ids,old_ends_at,ends_at,withdrawn_at',
    '',
    '',
    'key_hash,old_hash',
    '');

CREATE TRIGGER audit_added AFTER INSERT
ON events_webhook FOR EACH ROW
EXECUTE FUNCTION audit_keep('operator', 'name', 'name,types,lots,state,old_secret_until,disabled_at', '', 'url', '', '');

CREATE TRIGGER audit_changed AFTER UPDATE OF "name", "types", "lots", "state", "old_secret_until", "disabled_at", "url"
ON events_webhook FOR EACH ROW
EXECUTE FUNCTION audit_keep('operator', 'name', 'name,types,lots,state,old_secret_until,disabled_at', '', 'url', '', '');

CREATE TRIGGER audit_removed AFTER DELETE
ON events_webhook FOR EACH ROW
EXECUTE FUNCTION audit_keep('operator', 'name', 'name,types,lots,state,old_secret_until,disabled_at', '', 'url', '', '');

CREATE TRIGGER audit_added AFTER INSERT
ON accounts_permit FOR EACH ROW
EXECUTE FUNCTION audit_keep('operator', 'plate', 'valid_from,valid_until', 'plate,number', '', '', '');

CREATE TRIGGER audit_changed AFTER UPDATE OF "valid_from", "valid_until", "plate", "number"
ON accounts_permit FOR EACH ROW
EXECUTE FUNCTION audit_keep('operator', 'plate', 'valid_from,valid_until', 'plate,number', '', '', '');

CREATE TRIGGER audit_removed AFTER DELETE
ON accounts_permit FOR EACH ROW
EXECUTE FUNCTION audit_keep('operator', 'plate', 'valid_from,valid_until', 'plate,number', '', '', '');

CREATE TRIGGER audit_added AFTER INSERT
ON accounts_blockedplate FOR EACH ROW WHEN (NOT NEW.for_debts)
EXECUTE FUNCTION audit_keep('operator', 'plate', 'region,lifted_at', 'plate', '', '', '');

CREATE TRIGGER audit_changed AFTER UPDATE OF "region", "lifted_at", "plate"
ON accounts_blockedplate FOR EACH ROW WHEN (NOT NEW.for_debts)
EXECUTE FUNCTION audit_keep('operator', 'plate', 'region,lifted_at', 'plate', '', '', '');

CREATE TRIGGER audit_removed AFTER DELETE
ON accounts_blockedplate FOR EACH ROW WHEN (NOT OLD.for_debts)
EXECUTE FUNCTION audit_keep('operator', 'plate', 'region,lifted_at', 'plate', '', '', '');

CREATE TRIGGER audit_added AFTER INSERT
ON lots_lot FOR EACH ROW
EXECUTE FUNCTION audit_keep('own_lot', 'name',
    'slug,name,address,postal_code,city,latitude,longitude,timezone,currency,language,second_language,holidays,opening_hours,amenities,max_height_cm,tracking,allocation,is_closed,published,archived_at,low_confidence,confidence_threshold,dedupe_seconds,passing_seconds,oldest_record_days,lane_fee_limit,plates_by_region,cash_rounding,early_minutes,protect_minutes,reentry_minutes,hold_minutes,turnaround_minutes,no_show_minutes,cancel_minutes,early_grace_minutes,late_grace_minutes,bookable,asks_phone,booking_share_percent,prepay,late_cancel_percent,no_show_percent,counts_reset_hour,kept_days',
    '',
    '',
    '',
    '');

CREATE TRIGGER audit_changed AFTER UPDATE OF "slug", "name", "address", "postal_code", "city", "latitude", "longitude", "timezone",
    "currency", "language", "second_language", "holidays", "opening_hours", "amenities", "max_height_cm",
    "tracking", "allocation", "is_closed", "published", "archived_at", "low_confidence",
    "confidence_threshold", "dedupe_seconds", "passing_seconds", "oldest_record_days", "lane_fee_limit",
    "plates_by_region", "cash_rounding", "early_minutes", "protect_minutes", "reentry_minutes",
    "hold_minutes", "turnaround_minutes", "no_show_minutes", "cancel_minutes", "early_grace_minutes",
    "late_grace_minutes", "bookable", "asks_phone", "booking_share_percent", "prepay", "late_cancel_percent",
    "no_show_percent", "counts_reset_hour", "kept_days"
ON lots_lot FOR EACH ROW
EXECUTE FUNCTION audit_keep('own_lot', 'name',
    'slug,name,address,postal_code,city,latitude,longitude,timezone,currency,language,second_language,holidays,opening_hours,amenities,max_height_cm,tracking,allocation,is_closed,published,archived_at,low_confidence,confidence_threshold,dedupe_seconds,passing_seconds,oldest_record_days,lane_fee_limit,plates_by_region,cash_rounding,early_minutes,protect_minutes,reentry_minutes,hold_minutes,turnaround_minutes,no_show_minutes,cancel_minutes,early_grace_minutes,late_grace_minutes,bookable,asks_phone,booking_share_percent,prepay,late_cancel_percent,no_show_percent,counts_reset_hour,kept_days',
    '',
    '',
    '',
    '');

CREATE TRIGGER audit_removed AFTER DELETE
ON lots_lot FOR EACH ROW
EXECUTE FUNCTION audit_keep('own_lot', 'name',
    'slug,name,address,postal_code,city,latitude,longitude,timezone,currency,language,second_language,holidays,opening_hours,amenities,max_height_cm,tracking,allocation,is_closed,published,archived_at,low_confidence,confidence_threshold,dedupe_seconds,passing_seconds,oldest_record_days,lane_fee_limit,plates_by_region,cash_rounding,early_minutes,protect_minutes,reentry_minutes,hold_minutes,turnaround_minutes,no_show_minutes,cancel_minutes,early_grace_minutes,late_grace_minutes,bookable,asks_phone,booking_share_percent,prepay,late_cancel_percent,no_show_percent,counts_reset_hour,kept_days',
    '',
    '',
    '',
    '');

CREATE TRIGGER audit_added AFTER INSERT
ON lots_level FOR EACH ROW
EXECUTE FUNCTION audit_keep('lot', 'name', 'number,name', '', '', '', '');

CREATE TRIGGER audit_changed AFTER UPDATE OF "number", "name"
ON lots_level FOR EACH ROW
EXECUTE FUNCTION audit_keep('lot', 'name', 'number,name', '', '', '', '');

CREATE TRIGGER audit_removed AFTER DELETE
ON lots_level FOR EACH ROW
EXECUTE FUNCTION audit_keep('lot', 'name', 'number,name', '', '', '', '');

CREATE TRIGGER audit_added AFTER INSERT
ON lots_zone FOR EACH ROW
EXECUTE FUNCTION audit_keep('level', 'name',
    'name,spot_type,prefix,start,count,distance,elevator_distance,ordinal',
    '',
    '',
    '',
    '');

CREATE TRIGGER audit_changed AFTER UPDATE OF "name", "spot_type", "prefix", "start", "count", "distance", "elevator_distance", "ordinal"
ON lots_zone FOR EACH ROW
EXECUTE FUNCTION audit_keep('level', 'name',
    'name,spot_type,prefix,start,count,distance,elevator_distance,ordinal',
    '',
    '',
    '',
    '');

CREATE TRIGGER audit_removed AFTER DELETE
ON lots_zone FOR EACH ROW
EXECUTE FUNCTION audit_keep('level', 'name',
    'name,spot_type,prefix,start,count,distance,elevator_distance,ordinal',
    '',
    '',
    '',
    '');

CREATE TRIGGER audit_added AFTER INSERT
ON lots_gate FOR EACH ROW
EXECUTE FUNCTION audit_keep('lot', 'code', 'code,name,direction,level,confirms_passage,is_closed', '', '', '', '');

CREATE TRIGGER audit_changed AFTER UPDATE OF "code", "name", "direction", "level", "confirms_passage", "is_closed"
ON lots_gate FOR EACH ROW
EXECUTE FUNCTION audit_keep('lot', 'code', 'code,name,direction,level,confirms_passage,is_closed', '', '', '', '');

CREATE TRIGGER audit_removed AFTER DELETE
ON lots_gate FOR EACH ROW
EXECUTE FUNCTION audit_keep('lot', 'code', 'code,name,direction,level,confirms_passage,is_closed', '', '', '', '');

CREATE TRIGGER audit_added AFTER INSERT
ON devices_device FOR EACH ROW
EXECUTE FUNCTION audit_keep('lot', 'name', 'kind,name,gate_id,revoked_at', '', '', 'key_hash', '');

CREATE TRIGGER audit_changed AFTER UPDATE OF "kind", "name", "gate_id", "revoked_at", "key_hash"
ON devices_device FOR EACH ROW
EXECUTE FUNCTION audit_keep('lot', 'name', 'kind,name,gate_id,revoked_at', '', '', 'key_hash', '');

CREATE TRIGGER audit_removed AFTER DELETE
ON devices_device FOR EACH ROW
EXECUTE FUNCTION audit_keep('lot', 'name', 'kind,name,gate_id,revoked_at', '', '', 'key_hash', '');

CREATE TRIGGER audit_added AFTER INSERT
ON billing_tariff FOR EACH ROW
EXECUTE FUNCTION audit_keep('lot', 'name', 'name,valid_from,valid_until,superseded_at', '', '', '', 'rules');

CREATE TRIGGER audit_changed AFTER UPDATE OF "name", "valid_from", "valid_until", "superseded_at", "rules"
ON billing_tariff FOR EACH ROW
EXECUTE FUNCTION audit_keep('lot', 'name', 'name,valid_from,valid_until,superseded_at', '', '', '', 'rules');

CREATE TRIGGER audit_removed AFTER DELETE
ON billing_tariff FOR EACH ROW
EXECUTE FUNCTION audit_keep('lot', 'name', 'name,valid_from,valid_until,superseded_at', '', '', '', 'rules');

CREATE TRIGGER audit_added AFTER INSERT
ON billing_promocode FOR EACH ROW
EXECUTE FUNCTION audit_keep('operator', 'shown',
    'shown,discount,valid_from,valid_until,max_uses,max_uses_per_person,stackable,ended_at',
    '',
    '',
    '',
    '');

CREATE TRIGGER audit_changed AFTER UPDATE OF "shown", "discount", "valid_from", "valid_until", "max_uses", "max_uses_per_person",
    "stackable", "ended_at"
ON billing_promocode FOR EACH ROW
EXECUTE FUNCTION audit_keep('operator', 'shown',
    'shown,discount,valid_from,valid_until,max_uses,max_uses_per_person,stackable,ended_at',
    '',
    '',
    '',
    '');

CREATE TRIGGER audit_removed AFTER DELETE
ON billing_promocode FOR EACH ROW
EXECUTE FUNCTION audit_keep('operator', 'shown',
    'shown,discount,valid_from,valid_until,max_uses,max_uses_per_person,stackable,ended_at',
    '',
    '',
    '',
    '');

CREATE TRIGGER audit_added AFTER INSERT
ON billing_promocode_lots FOR EACH ROW
EXECUTE FUNCTION audit_keep('lot', '', 'promocode_id', '', '', '', '');

CREATE TRIGGER audit_changed AFTER UPDATE OF "promocode_id"
ON billing_promocode_lots FOR EACH ROW
EXECUTE FUNCTION audit_keep('lot', '', 'promocode_id', '', '', '', '');

CREATE TRIGGER audit_removed AFTER DELETE
ON billing_promocode_lots FOR EACH ROW
EXECUTE FUNCTION audit_keep('lot', '', 'promocode_id', '', '', '', '');

CREATE TRIGGER audit_added AFTER INSERT
ON billing_refundrequest FOR EACH ROW
EXECUTE FUNCTION audit_keep('payment', '', 'amount,reason,goodwill,state,decision_note', '', '', '', '');

CREATE TRIGGER audit_changed AFTER UPDATE OF "amount", "reason", "goodwill", "state", "decision_note"
ON billing_refundrequest FOR EACH ROW
EXECUTE FUNCTION audit_keep('payment', '', 'amount,reason,goodwill,state,decision_note', '', '', '', '');

CREATE TRIGGER audit_removed AFTER DELETE
ON billing_refundrequest FOR EACH ROW
EXECUTE FUNCTION audit_keep('payment', '', 'amount,reason,goodwill,state,decision_note', '', '', '', '');

CREATE TRIGGER audit_added AFTER INSERT
ON accounts_merchant FOR EACH ROW
EXECUTE FUNCTION audit_keep('operator', 'name', 'name,legal_name,country,tax_id,ended_at', 'email', '', '', '');

CREATE TRIGGER audit_changed AFTER UPDATE OF "name", "legal_name", "country", "tax_id", "ended_at", "email"
ON accounts_merchant FOR EACH ROW
EXECUTE FUNCTION audit_keep('operator', 'name', 'name,legal_name,country,tax_id,ended_at', 'email', '', '', '');

CREATE TRIGGER audit_removed AFTER DELETE
ON accounts_merchant FOR EACH ROW
EXECUTE FUNCTION audit_keep('operator', 'name', 'name,legal_name,country,tax_id,ended_at', 'email', '', '', '');

CREATE TRIGGER audit_added AFTER INSERT
ON merchants_merchantlot FOR EACH ROW
EXECUTE FUNCTION audit_keep('lot', '', 'merchant_id', '', '', '', '');

CREATE TRIGGER audit_changed AFTER UPDATE OF "merchant_id"
ON merchants_merchantlot FOR EACH ROW
EXECUTE FUNCTION audit_keep('lot', '', 'merchant_id', '', '', '', '');

CREATE TRIGGER audit_removed AFTER DELETE
ON merchants_merchantlot FOR EACH ROW
EXECUTE FUNCTION audit_keep('lot', '', 'merchant_id', '', '', '', '');

CREATE TRIGGER audit_added AFTER INSERT
ON merchants_validationtype FOR EACH ROW
EXECUTE FUNCTION audit_keep('merchant', 'name',
    'name,discount,max_per_stay,max_per_plate,stackable,budget_kind,budget_limit,share_percent,by_code,ended_at',
    '',
    '',
    '',
    '');

CREATE TRIGGER audit_changed AFTER UPDATE OF "name", "discount", "max_per_stay", "max_per_plate", "stackable", "budget_kind",
    "budget_limit", "share_percent", "by_code", "ended_at"
ON merchants_validationtype FOR EACH ROW
EXECUTE FUNCTION audit_keep('merchant', 'name',
    'name,discount,max_per_stay,max_per_plate,stackable,budget_kind,budget_limit,share_percent,by_code,ended_at',
    '',
    '',
    '',
    '');

CREATE TRIGGER audit_removed AFTER DELETE
ON merchants_validationtype FOR EACH ROW
EXECUTE FUNCTION audit_keep('merchant', 'name',
    'name,discount,max_per_stay,max_per_plate,stackable,budget_kind,budget_limit,share_percent,by_code,ended_at',
    '',
    '',
    '',
    '');

CREATE TRIGGER audit_changed AFTER UPDATE OF "limit"
ON merchants_validationbudget FOR EACH ROW
EXECUTE FUNCTION audit_keep('validation_type', '', 'limit', '', '', '', '');

CREATE TRIGGER audit_removed AFTER DELETE
ON merchants_validationbudget FOR EACH ROW
EXECUTE FUNCTION audit_keep('validation_type', '', 'limit', '', '', '', '');

CREATE TRIGGER audit_added AFTER INSERT
ON passes_passoffer FOR EACH ROW
EXECUTE FUNCTION audit_keep('operator', 'name',
    'kind,price_amount,tax_percent,period_months,period_days,days,opens_minute,closes_minute,spot_types,most_plates,spaces,entries,per_day,renewal,grace_days,swaps_per_month,pool_full,cancel_fee_amount,name,terms,online,archived_at',
    '',
    '',
    '',
    '');

CREATE TRIGGER audit_changed AFTER UPDATE OF "kind", "price_amount", "tax_percent", "period_months", "period_days", "days", "opens_minute",
    "closes_minute", "spot_types", "most_plates", "spaces", "entries", "per_day", "renewal", "grace_days",
    "swaps_per_month", "pool_full", "cancel_fee_amount", "name", "terms", "online", "archived_at"
ON passes_passoffer FOR EACH ROW
EXECUTE FUNCTION audit_keep('operator', 'name',
    'kind,price_amount,tax_percent,period_months,period_days,days,opens_minute,closes_minute,spot_types,most_plates,spaces,entries,per_day,renewal,grace_days,swaps_per_month,pool_full,cancel_fee_amount,name,terms,online,archived_at',
    '',
    '',
    '',
    '');

CREATE TRIGGER audit_removed AFTER DELETE
ON passes_passoffer FOR EACH ROW
EXECUTE FUNCTION audit_keep('operator', 'name',
    'kind,price_amount,tax_percent,period_months,period_days,days,opens_minute,closes_minute,spot_types,most_plates,spaces,entries,per_day,renewal,grace_days,swaps_per_month,pool_full,cancel_fee_amount,name,terms,online,archived_at',
    '',
    '',
    '',
    '');

CREATE TRIGGER audit_added AFTER INSERT
ON passes_passoffer_lots FOR EACH ROW
EXECUTE FUNCTION audit_keep('lot', '', 'passoffer_id', '', '', '', '');

CREATE TRIGGER audit_changed AFTER UPDATE OF "passoffer_id"
ON passes_passoffer_lots FOR EACH ROW
EXECUTE FUNCTION audit_keep('lot', '', 'passoffer_id', '', '', '', '');

CREATE TRIGGER audit_removed AFTER DELETE
ON passes_passoffer_lots FOR EACH ROW
EXECUTE FUNCTION audit_keep('lot', '', 'passoffer_id', '', '', '', '');

CREATE TRIGGER audit_added AFTER INSERT
ON passes_company FOR EACH ROW
EXECUTE FUNCTION audit_keep('operator', 'name', 'name,tax_id,archived_at', 'email', '', '', '');

CREATE TRIGGER audit_changed AFTER UPDATE OF "name", "tax_id", "archived_at", "email"
ON passes_company FOR EACH ROW
EXECUTE FUNCTION audit_keep('operator', 'name', 'name,tax_id,archived_at', 'email', '', '', '');

CREATE TRIGGER audit_removed AFTER DELETE
ON passes_company FOR EACH ROW
EXECUTE FUNCTION audit_keep('operator', 'name', 'name,tax_id,archived_at', 'email', '', '', '');

CREATE TRIGGER audit_added AFTER INSERT
ON passes_companymanager FOR EACH ROW
EXECUTE FUNCTION audit_keep('company', '', 'user_id', '', '', '', '');

CREATE TRIGGER audit_changed AFTER UPDATE OF "user_id"
ON passes_companymanager FOR EACH ROW
EXECUTE FUNCTION audit_keep('company', '', 'user_id', '', '', '', '');

CREATE TRIGGER audit_removed AFTER DELETE
ON passes_companymanager FOR EACH ROW
EXECUTE FUNCTION audit_keep('company', '', 'user_id', '', '', '', '');

CREATE TRIGGER audit_added AFTER INSERT
ON reservations_blackout FOR EACH ROW
EXECUTE FUNCTION audit_keep('lot', '',
    'level_id,spot_type,bays,places,starts_at,ends_at,reason,lifted_at',
    '',
    '',
    '',
    '');

CREATE TRIGGER audit_changed AFTER UPDATE OF "level_id", "spot_type", "bays", "places", "starts_at", "ends_at", "reason", "lifted_at"
ON reservations_blackout FOR EACH ROW
EXECUTE FUNCTION audit_keep('lot', '',
    'level_id,spot_type,bays,places,starts_at,ends_at,reason,lifted_at',
    '',
    '',
    '',
    '');

CREATE TRIGGER audit_removed AFTER DELETE
ON reservations_blackout FOR EACH ROW
EXECUTE FUNCTION audit_keep('lot', '',
    'level_id,spot_type,bays,places,starts_at,ends_at,reason,lifted_at',
    '',
    '',
    '',
    '');

