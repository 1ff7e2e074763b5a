-- Roles and blocks with their lots, permits with their kind, blocks with their last day: as `audit.kept_tables` says.

DROP TRIGGER audit_added ON accounts_membership;
CREATE TRIGGER audit_added AFTER INSERT
ON accounts_membership FOR EACH ROW
EXECUTE FUNCTION audit_keep('operator', '', 'user_id,role,merchant_id,lot_ids', '', '', '', '');

DROP TRIGGER audit_changed ON accounts_membership;
CREATE TRIGGER audit_changed AFTER UPDATE OF "user_id", "role", "merchant_id", "lot_ids"
ON accounts_membership FOR EACH ROW
EXECUTE FUNCTION audit_keep('operator', '', 'user_id,role,merchant_id,lot_ids', '', '', '', '');

DROP TRIGGER audit_removed ON accounts_membership;
CREATE TRIGGER audit_removed AFTER DELETE
ON accounts_membership FOR EACH ROW
EXECUTE FUNCTION audit_keep('operator', '', 'user_id,role,merchant_id,lot_ids', '', '', '', '');

DROP TRIGGER audit_added ON accounts_invitation;
CREATE TRIGGER audit_added AFTER INSERT
ON accounts_invitation FOR EACH ROW
EXECUTE FUNCTION audit_keep('operator', '', 'role,merchant_id,lot_ids,accepted_at,withdrawn_at', 'email', '', '', '');

DROP TRIGGER audit_changed ON accounts_invitation;
CREATE TRIGGER audit_changed AFTER UPDATE OF "role", "merchant_id", "lot_ids", "accepted_at", "withdrawn_at", "email"
ON accounts_invitation FOR EACH ROW
EXECUTE FUNCTION audit_keep('operator', '', 'role,merchant_id,lot_ids,accepted_at,withdrawn_at', 'email', '', '', '');

DROP TRIGGER audit_removed ON accounts_invitation;
CREATE TRIGGER audit_removed AFTER DELETE
ON accounts_invitation FOR EACH ROW
EXECUTE FUNCTION audit_keep('operator', '', 'role,merchant_id,lot_ids,accepted_at,withdrawn_at', 'email', '', '', '');

DROP TRIGGER audit_added ON accounts_permit;
CREATE TRIGGER audit_added AFTER INSERT
ON accounts_permit FOR EACH ROW
EXECUTE FUNCTION audit_keep('operator', 'plate', 'kind,valid_from,valid_until', 'plate,number', '', '', '');

DROP TRIGGER audit_changed ON accounts_permit;
CREATE TRIGGER audit_changed AFTER UPDATE OF "kind", "valid_from", "valid_until", "plate", "number"
ON accounts_permit FOR EACH ROW
EXECUTE FUNCTION audit_keep('operator', 'plate', 'kind,valid_from,valid_until', 'plate,number', '', '', '');

DROP TRIGGER audit_removed ON accounts_permit;
CREATE TRIGGER audit_removed AFTER DELETE
ON accounts_permit FOR EACH ROW
EXECUTE FUNCTION audit_keep('operator', 'plate', 'kind,valid_from,valid_until', 'plate,number', '', '', '');

DROP TRIGGER audit_added ON accounts_blockedplate;
CREATE TRIGGER audit_added AFTER INSERT
ON accounts_blockedplate FOR EACH ROW
WHEN (NOT NEW.for_debts)
EXECUTE FUNCTION audit_keep('operator', 'plate', 'region,last_day,lot_ids,lifted_at', 'plate', '', '', '');

DROP TRIGGER audit_changed ON accounts_blockedplate;
CREATE TRIGGER audit_changed AFTER UPDATE OF "region", "last_day", "lot_ids", "lifted_at", "plate"
ON accounts_blockedplate FOR EACH ROW
WHEN (NOT NEW.for_debts)
EXECUTE FUNCTION audit_keep('operator', 'plate', 'region,last_day,lot_ids,lifted_at', 'plate', '', '', '');

DROP TRIGGER audit_removed ON accounts_blockedplate;
CREATE TRIGGER audit_removed AFTER DELETE
ON accounts_blockedplate FOR EACH ROW
WHEN (NOT OLD.for_debts)
EXECUTE FUNCTION audit_keep('operator', 'plate', 'region,last_day,lot_ids,lifted_at', 'plate', '', '', '');
