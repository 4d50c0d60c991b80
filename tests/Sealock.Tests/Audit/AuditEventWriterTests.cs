// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Api.Objects;
using Sealock.Api.Security;
using Sealock.Api.Serving;
using Sealock.Gateway.Limits;
using Sealock.Gateway.Audit;
using Sealock.Gateway.Audit.Events;
using Sealock.Gateway.Audit.Policies;
using Sealock.Gateway.Pipeline;

namespace Sealock.Tests.Audit;

public class AuditEventWriterTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Everything_that_is_known_is_written_in_one_line()
    {
        var audit = Event("POST", "/apis/networking.k8s.io/v1/namespaces/one/ingresses?dryRun=All", AuditLevel.RequestResponse);
        audit.ImpersonatedUser = new UserInfo
        {
            Name = "joe",
            Groups = ["ops"],
            Extra = ImmutableDictionary<string, ImmutableArray<string>>.Empty.Add("a/b", ["c", "d"]),
        };
        audit.Decided(new AccessDecision(true, "RBAC: allowed by \"x\""));
        audit.Decoded(JsonNode.Parse("""{"metadata":{"name":"web","uid":"u","resourceVersion":"7"},"spec":{"a":"<&>"}}""")!.AsObject());
        audit.Answered(201, "{\"kind\":\"Ingress\"}\n"u8.ToArray(), "application/json");
        Assert.Equal(
            """
            {"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"id-1","stage":"ResponseComplete",
            "requestURI":"/apis/networking.k8s.io/v1/namespaces/one/ingresses?dryRun=All","verb":"create",
            "user":{"username":"jane","uid":"1","groups":["devs"]},
            "impersonatedUser":{"username":"joe","groups":["ops"],"extra":{"a/b":["c","d"]}},
            "sourceIPs":["192.0.2.1"],"userAgent":"test/1",
            "objectRef":{"resource":"ingresses","namespace":"one","name":"web","uid":"u","apiGroup":"networking.k8s.io","apiVersion":"v1","resourceVersion":"7"},
            "responseStatus":{"metadata":{},"code":201},
            "requestObject":{"metadata":{"name":"web","uid":"u","resourceVersion":"7"},"spec":{"a":"<&>"}},
            "responseObject":{"kind":"Ingress"},
            "requestReceivedTimestamp":"2026-03-01T12:00:00.000000Z","stageTimestamp":"2026-03-01T12:00:00.001500Z",
            "annotations":{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":"RBAC: allowed by \"x\""}}
            """.ReplaceLineEndings("") + "\n",
            Text(AuditEventWriter.Write(audit, AuditStages.ResponseComplete, Noon.AddMilliseconds(1.5))));
    }

    [Fact]
    public void Of_what_is_not_known_nothing_is_written() => Assert.Equal(
        """
        {"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"id-1","stage":"RequestReceived",
        "requestURI":"/version","verb":"get","user":{"username":"jane","uid":"1","groups":["devs"]},
        "sourceIPs":["192.0.2.1"],"userAgent":"test/1",
        "requestReceivedTimestamp":"2026-03-01T12:00:00.000000Z","stageTimestamp":"2026-03-01T12:00:00.000000Z"}
        """.ReplaceLineEndings("") + "\n",
        Text(AuditEventWriter.Write(Event("GET", "/version", AuditLevel.Metadata), AuditStages.RequestReceived, Noon)));

    [Fact]
    public void An_event_that_is_too_large_says_what_it_lost()
    {
        var audit = Event("POST", "/api/v1/namespaces/one/configmaps", AuditLevel.Request);
        audit.Decoded(JsonNode.Parse("""{"data":{"a":"b"}}""")!.AsObject());
        var json = JsonNode.Parse(Text(AuditEventWriter.Write(audit, AuditStages.ResponseComplete, Noon, withoutObjects: true)))!;
        Assert.Null(json["requestObject"]);
        Assert.Equal("true", json["annotations"]!["audit.k8s.io/truncated"]!.GetValue<string>());
    }

    [Fact]
    public void Bodies_are_written_only_at_the_levels_that_ask_for_them_and_only_of_resources()
    {
        foreach (var (path, level, request, response) in new[]
        {
            ("/api/v1/namespaces/one/configmaps", AuditLevel.Metadata, false, false),
            ("/api/v1/namespaces/one/configmaps", AuditLevel.Request, true, false),
            ("/api/v1/namespaces/one/configmaps", AuditLevel.RequestResponse, true, true),
            ("/version", AuditLevel.RequestResponse, false, false),
        })
        {
            var audit = Event("POST", path, level);
            audit.Decoded(new JsonObject());
            audit.Answered(201, "{}\n"u8.ToArray(), "application/json");
            Assert.Equal((request, response), (audit.RequestObject is not null, audit.ResponseObject is not null));
        }
    }

    [Fact]
    public void A_failure_is_told_with_its_words_unless_they_may_repeat_a_secret()
    {
        var error = new ApiException(422, "Invalid", "hunter2", new StatusDetails { Name = "a", Causes = [new("r", "hunter2", "data")] });
        var told = Event("POST", "/api/v1/namespaces/one/configmaps", AuditLevel.Metadata);
        told.Failed(error);
        Assert.Contains(
            """
            "responseStatus":{"metadata":{},"status":"Failure","message":"hunter2","reason":"Invalid",
            "details":{"name":"a","causes":[{"reason":"r","message":"hunter2","field":"data"}]},"code":422}
            """.ReplaceLineEndings(""),
            Text(AuditEventWriter.Write(told, AuditStages.ResponseComplete, Noon)), StringComparison.Ordinal);
        var secret = Event("POST", "/api/v1/namespaces/one/secrets", AuditLevel.RequestResponse);
        secret.Failed(error);
        var text = Text(AuditEventWriter.Write(secret, AuditStages.ResponseComplete, Noon));
        Assert.DoesNotContain("hunter2", text, StringComparison.Ordinal);
        Assert.Contains("\"audit.sealock.dev/redacted\":\"true\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_deletion_that_is_answered_with_a_status_is_a_success()
    {
        var audit = Event("DELETE", "/api/v1/namespaces/one/configmaps/a", AuditLevel.Metadata);
        var body = StatusWriter.Success(new StatusDetails { Name = "a", Kind = "configmaps", Uid = "u" });
        audit.Answered(200, body, "application/json");
        Assert.Contains(
            "\"responseStatus\":{\"metadata\":{},\"status\":\"Success\",\"details\":{\"name\":\"a\",\"kind\":\"configmaps\",\"uid\":\"u\"},\"code\":200}",
            Text(AuditEventWriter.Write(audit, AuditStages.ResponseComplete, Noon)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_user_agent_is_cut()
    {
        var audit = Event("GET", "/version", AuditLevel.Metadata, new string('a', 2000));
        Assert.Equal(new string('a', 1024) + "...TRUNCATED", audit.UserAgent);
    }

    [Fact]
    public void Strange_text_stays_one_line_of_json()
    {
        foreach (var strange in new[] { "a\nb", "a\"b\\", "\ud800", "\u2028", "\0", "</script>" })
        {
            var text = Text(AuditEventWriter.Write(Event("GET", "/version", AuditLevel.Metadata, strange), AuditStages.RequestReceived, Noon));
            Assert.Equal(text.Length - 1, text.IndexOf('\n', StringComparison.Ordinal));
            Assert.NotNull(JsonNode.Parse(text));
        }
    }

    [Theory]
    [InlineData(
        AuditStages.RequestReceived, null,
        "2026-03-01T12:00:00Z AUDIT: id=\"id-1\" stage=\"RequestReceived\" ip=\"192.0.2.1\" method=\"list\" user=\"jane\" groups=\"\\\"devs\\\"\" as=\"<self>\" asgroups=\"<lookup>\" namespace=\"one\" uri=\"/api/v1/namespaces/one/pods\" response=\"<deferred>\"\n")]
    [InlineData(
        AuditStages.ResponseComplete, 200,
        "2026-03-01T12:00:00Z AUDIT: id=\"id-1\" stage=\"ResponseComplete\" ip=\"192.0.2.1\" method=\"list\" user=\"jane\" groups=\"\\\"devs\\\"\" as=\"<self>\" asgroups=\"<lookup>\" namespace=\"one\" uri=\"/api/v1/namespaces/one/pods\" response=\"200\"\n")]
    public void The_legacy_format_is_kube_apiservers(AuditStages stage, int? code, string line)
    {
        var audit = Event("GET", "/api/v1/namespaces/one/pods", AuditLevel.Metadata);
        if (code is { } known)
            audit.Outcome = new AuditOutcome(known);
        Assert.Equal(line, LegacyLine.Format(audit, stage));
    }

    [Fact]
    public void Writing_an_event_takes_no_memory_but_its_record()
    {
        const int rounds = 1000;
        var audit = Event("GET", "/api/v1/namespaces/one/pods/a", AuditLevel.Metadata);
        audit.Outcome = new AuditOutcome(200);
        long before = 0;
        for (var i = -rounds; i < rounds; i++)
        {
            if (i == 0)
                before = GC.GetAllocatedBytesForCurrentThread();
            AuditEventWriter.Write(audit, AuditStages.ResponseComplete, Noon).Release();
        }

        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / rounds, 0, 100);
    }

    [Fact]
    public void Without_an_auditor_a_request_takes_no_memory_for_it()
    {
        var audits = new AuditedRequests(null, TimeProvider.System);
        var exchange = new GatewayExchange(TimeProvider.System, new GatewayLimits());
        var request = new ApiRequest { Info = exchange.Info, User = UserInfo.Anonymous };
        void Pass()
        {
            var opened = audits.OpenAsync(exchange, UserInfo.Anonymous, longRunning: false);
            Assert.True(opened.IsCompletedSuccessfully);
            Assert.Null(audits.Open(request));
            var closed = audits.CloseAsync(exchange);
            Assert.True(closed.IsCompletedSuccessfully);
        }

        Pass();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            Pass();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void A_record_grows_and_gives_its_buffer_back_once()
    {
        var record = new AuditRecord();
        for (var i = 0; i < 10_000; i++)
        {
            record.GetSpan(1)[0] = (byte)i;
            record.Advance(1);
        }

        record.Retain();
        record.Release();
        Assert.Equal(10_000, record.Bytes.Length);
        Assert.Equal((byte)(9_999 & 255), record.Bytes.Span[9_999]);
        record.Release();
        Assert.Equal(0, record.Length);
    }

    private static readonly BodyFilters Filters = new(AuditRig.Definitions);

    internal static AuditEvent Event(string method, string target, AuditLevel level, string userAgent = "test/1") =>
        Event(RequestInfoParser.Parse(method, target.Split('?')[0], QueryParameters.Empty), target, level, userAgent);

    private static AuditEvent Event(RequestInfo info, string target, AuditLevel level, string userAgent) => new(
        new AuditDecision(level, AuditStages.None, false), info, Filters.For(info, omitManagedFields: false))
    {
        AuditId = "id-1",
        RequestUri = target,
        User = new UserInfo { Name = "jane", Uid = "1", Groups = ["devs"] },
        SourceIps = [IPAddress.Parse("192.0.2.1")],
        UserAgent = userAgent,
        Received = Noon,
    };

    private static string Text(AuditRecord record) => Encoding.UTF8.GetString(record.Bytes.Span);
}
