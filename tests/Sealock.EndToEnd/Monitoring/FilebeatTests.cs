// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Sealock.Api.Yaml;
using Sealock.EndToEnd.FrontDoor;

namespace Sealock.EndToEnd.Monitoring;

/// <summary>
/// What deploy/filebeat/filebeat.yml makes of the lines that a server really writes: its processors are done here as Filebeat's
/// documentation says, and every field that it names has to be there.
/// </summary>
public sealed partial class FilebeatTests
{
    private static readonly string[] Kinds = ["keyword", "text", "long", "date", "ip", "keywords"];

    /// <summary>The fields of the Elastic Common Schema 8.11 that lines of the log may have, and their types.</summary>
    private static readonly Dictionary<string, string> Schema = new()
    {
        ["@timestamp"] = "date",
        ["log.level"] = "keyword",
        ["log.logger"] = "keyword",
        ["message"] = "text",
        ["ecs.version"] = "keyword",
        ["service.name"] = "keyword",
        ["service.type"] = "keyword",
        ["event.dataset"] = "keyword",
        ["event.kind"] = "keyword",
        ["event.category"] = "keywords",
        ["event.type"] = "keywords",
        ["event.outcome"] = "keyword",
        ["event.duration"] = "long",
        ["trace.id"] = "keyword",
        ["http.request.id"] = "keyword",
        ["http.request.method"] = "keyword",
        ["http.response.status_code"] = "long",
        ["http.version"] = "keyword",
        ["url.path"] = "keyword",
        ["source.ip"] = "ip",
        ["user.name"] = "keyword",
        ["user_agent.original"] = "keyword",
    };

    /// <summary>Those of a fault, which does not come when it is called; the unit tests of the log's format see them.</summary>
    private static readonly string[] OfFaults = ["error.type", "error.message", "error.stack_trace"];

    [PeerFact("kubectl", "openssl", "curl")]
    public async Task Every_field_that_the_configuration_names_is_in_the_lines_that_a_server_writes()
    {
        await using var server = await FrontDoorServer.StartAsync(
            async server => await File.WriteAllTextAsync(
                server["policy.yaml"], "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: RequestResponse\n"),
            "server", "--audit-policy-file=FOLDER/policy.yaml", "--audit-log-path=FOLDER/audit.log", "--log-format=ecs", "--access-log");
        (await server.ShellAsync(
            """
            sealock kubeconfig --data data --user root --group system:masters --server https://127.0.0.1:$PORT --out root.conf >/dev/null
            kubectl --kubeconfig root.conf get namespaces >/dev/null
            ask localhost /api/v1/pods -H 'Authorization: Bearer wrong' >/dev/null
            post /setup -d '{"secret":"wrong","hostname":"a","password":"b"}' >/dev/null
            post /login -d '{"username":"nobody","password":"wrong wrong wrong"}' >/dev/null
            ask localhost /readyz -H 'Audit-ID: the-last-one' >/dev/null
            until_true grep -q the-last-one audit.log
            """)).Succeeded();
        var inputs = Inputs(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "deploy", "filebeat", "filebeat.yml")));
        await server.Process.WaitForLogAsync("the-last-one");

        // The log, as journald hands it over: each line in the field message.
        var log = inputs.Single(input => input["type"]!.GetValue<string>() == "journald");
        var seen = new HashSet<string>();
        var refused = 0;
        foreach (var line in server.Process.Log.Split('\n').Where(line => line.StartsWith('{')))
        {
            var document = Processed(log, new JsonObject { ["message"] = line });
            foreach (var (path, value) in Leaves(document))
            {
                if (OfFaults.Contains(path))
                    continue;
                Assert.True(Schema.TryGetValue(path, out var type), $"{path} is no field of the schema, or not the right one");
                Assert.True(IsA(value, type!), $"{path} is no {type}: {value?.ToJsonString()}");
                seen.Add(path);
            }

            // Who reads a line that belongs to a request finds the request in the audit log.
            Assert.Equal(document["http"] is not null, document["trace"] is not null);
            if (Find(document, "log.logger")!.GetValue<string>() == "Sealock.FrontDoor" && document["trace"] is not null)
                refused++;
        }

        Assert.Empty(Schema.Keys.Except(seen));
        Assert.Equal(2, refused); // the set-up and the login

        // The audit log: each line parsed as its input says.
        var audit = inputs.Single(input => input["type"]!.GetValue<string>() == "filestream");
        var target = audit["parsers"]![0]!["ndjson"]!["target"]!.GetValue<string>();
        var named = new HashSet<string>();
        foreach (var line in (await File.ReadAllLinesAsync(server["audit.log"])))
        {
            var document = new JsonObject();
            Put(document, target, JsonNode.Parse(line));
            document = Processed(audit, document, named);
            Assert.Equal(Find(document, target + ".auditID")!.GetValue<string>(), Find(document, "trace.id")!.GetValue<string>());
            Assert.Equal("sealock.audit", Find(document, "event.dataset")!.GetValue<string>());
            Assert.True(IsA(document["@timestamp"], "date"));
        }

        Assert.Empty(FieldsOf(audit).Except(named));
    }

    /// <summary>The inputs of a configuration.</summary>
    private static List<JsonNode> Inputs(string yaml)
    {
        Assert.True(YamlReader.TryRead(yaml, out var configuration, out var mistake), mistake);
        return [.. configuration["filebeat.inputs"]!.AsArray().Select(input => input!)];
    }

    /// <summary>Every field that the processors of an input read.</summary>
    private static IEnumerable<string> FieldsOf(JsonNode input) => input["processors"]!.AsArray().SelectMany(processor =>
        processor!["timestamp"]?["field"] is { } field
            ? [field.GetValue<string>()]
            : ((processor["rename"] ?? processor["copy_fields"])?["fields"]!.AsArray() ?? []).Select(pair => pair!["from"]!.GetValue<string>()));

    private static JsonObject Processed(JsonNode input, JsonObject document, HashSet<string>? read = null)
    {
        foreach (var processor in input["processors"]!.AsArray())
        {
            var (name, settings) = Assert.Single(processor!.AsObject());
            switch (name)
            {
                case "decode_json_fields":
                    foreach (var field in settings!["fields"]!.AsArray().Select(field => field!.GetValue<string>()))
                    {
                        Assert.Equal("", settings["target"]!.GetValue<string>());
                        foreach (var (key, value) in JsonNode.Parse(document[field]!.GetValue<string>())!.AsObject())
                            Put(document, key, value?.DeepClone());
                    }

                    break;
                case "add_fields":
                    foreach (var (key, value) in settings!["fields"]!.AsObject())
                        Put(document, $"{settings["target"]}.{key}", value?.DeepClone());
                    break;
                case "timestamp":
                    var time = settings!["field"]!.GetValue<string>();
                    read?.Add(time);
                    document["@timestamp"] = Time(settings["layouts"]![0]!.GetValue<string>(), Find(document, time)!.GetValue<string>());
                    break;
                case "rename" or "copy_fields":
                    foreach (var pair in settings!["fields"]!.AsArray())
                    {
                        var (from, to) = (pair!["from"]!.GetValue<string>(), pair["to"]!.GetValue<string>());
                        if (Find(document, from) is not { } value)
                            continue;
                        read?.Add(from);
                        Assert.Null(Find(document, to));
                        Put(document, to, value.DeepClone());
                        if (name == "rename")
                            Remove(document, from);
                    }

                    break;
                default:
                    Assert.Fail($"this test does not know the processor {name}");
                    break;
            }
        }

        return document;
    }

    /// <summary>A time by a layout of Go's, whose reference time is Mon Jan 2 15:04:05 2006.</summary>
    private static string Time(string layout, string text)
    {
        Assert.Equal("2006-01-02T15:04:05.999999Z07:00", layout);
        return DateTimeOffset.ParseExact(text, "yyyy-MM-dd'T'HH:mm:ss.FFFFFFK", CultureInfo.InvariantCulture).ToString("O", CultureInfo.InvariantCulture);
    }

    private static bool IsA(JsonNode? value, string type)
    {
        Assert.Contains(type, Kinds);
        return (type, value) switch
        {
            ("keywords", JsonArray list) => list.All(item => IsA(item, "keyword")),
            ("long", JsonValue number) => number.GetValueKind() == JsonValueKind.Number && number.TryGetValue<long>(out _),
            ("keyword" or "text", JsonValue text) => text.GetValueKind() == JsonValueKind.String,
            ("ip", JsonValue text) => IPAddress.TryParse(text.GetValue<string>(), out _),
            ("date", JsonValue text) => Rfc3339().IsMatch(text.GetValue<string>()),
            _ => false,
        };
    }

    private static IEnumerable<(string Path, JsonNode? Value)> Leaves(JsonNode? node, string path = "") => node is JsonObject map
        ? map.SelectMany(pair => Leaves(pair.Value, path.Length == 0 ? pair.Key : $"{path}.{pair.Key}"))
        : [(path, node)];

    private static JsonNode? Find(JsonNode? node, string path)
    {
        foreach (var step in path.Split('.'))
            node = (node as JsonObject)?[step];
        return node;
    }

    /// <summary>Sets a field; what stands on the way to it must hold fields, or Elasticsearch takes nothing of the document.</summary>
    private static void Put(JsonObject document, string path, JsonNode? value)
    {
        var steps = path.Split('.');
        foreach (var step in steps[..^1])
        {
            document[step] ??= new JsonObject();
            document = Assert.IsType<JsonObject>(document[step]);
        }

        Assert.False(document[steps[^1]] is JsonObject, $"{path} is a field and holds fields");
        document[steps[^1]] = value;
    }

    private static void Remove(JsonObject document, string path)
    {
        var dot = path.LastIndexOf('.');
        (Find(document, path[..dot]) as JsonObject)?.Remove(path[(dot + 1)..]);
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+(Z|\+00:00)$")]
    private static partial Regex Rfc3339();
}
