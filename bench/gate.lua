-- Cars for wrk: each thread has one connection, on which a car enters and then leaves.
-- The argument is a file with a line for each lot: path and key of its entry, path and key of its exit.
local lanes, threads = {}, {}
local lot, plate

sent, wrong, first_wrong, inside = 0, 0, "", false

function setup(thread)
  thread:set("number", #threads)
  table.insert(threads, thread)
end

function init(args)
  math.randomseed(os.time() * 64 + number)
  for line in io.lines(args[1]) do
    local entry, entry_key, exit, exit_key = line:match("(%S+) (%S+) (%S+) (%S+)")
    table.insert(lanes, {
      entry = { path = entry, headers = { Authorization = "Bearer " .. entry_key } },
      exit = { path = exit, headers = { Authorization = "Bearer " .. exit_key } },
    })
  end
end

local function event_id()
  return (("xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx"):gsub("x", function()
    return string.format("%x", math.random(0, 15))
  end))
end

-- The responses decide which comes next, since wrk also builds a request that it never sends.
function request()
  if not inside then
    lot = lanes[math.random(#lanes)]
    plate = string.format("ZH %d %d", math.random(0, 99999999), number)
  end
  local lane = inside and lot.exit or lot.entry
  lane.headers["Content-Type"] = "application/json"
  local body = string.format('{"event_id":"%s","plate":"%s","confidence":0.97}', event_id(), plate)
  return wrk.format("POST", lane.path, lane.headers, body)
end

function response(status, _, body)
  sent, inside = sent + 1, not inside
  if status ~= 200 or not body:find('"action": ?"open"') then
    wrong, first_wrong = wrong + 1, status .. " " .. body
  end
end

function done(summary, latency)
  local reads, errors, first = 0, summary.errors.connect + summary.errors.read + summary.errors.timeout, ""
  for _, thread in ipairs(threads) do
    reads, errors = reads + thread:get("sent"), errors + thread:get("wrong")
    if thread:get("first_wrong") ~= "" then first = thread:get("first_wrong") end
  end
  io.stderr:write(string.format("%d %f %f %f %d %s\n", reads, summary.duration / 1e6, latency:percentile(50) / 1e3,
    latency:percentile(99) / 1e3, errors, first))
end
