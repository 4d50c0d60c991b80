// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Api.Objects;
using Sealock.Api.Security;
using Sealock.Api.Serving;
using Sealock.Gateway.Audit;
using Sealock.Gateway.Limits;
using Sealock.Gateway.Pipeline;
using Sealock.Tests.Gateway;

namespace Sealock.Tests.Audit;

public class AuditedRequestsTests
{
    private const string All = "rules: [{level: RequestResponse}]";

    [Fact]
    public async Task A_request_has_an_event_when_it_comes_and_one_when_it_is_answered()
    {
        await using var rig = await AuditRig.StartAsync(All);
        using var client = rig.Gateway.Client(token: "admin");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/namespaces/one/pods/a?pretty=false");
        request.Headers.Add("Audit-ID", "mine");
        request.Headers.UserAgent.ParseAdd("test/1");
        using var response = await client.SendAsync(request);
        var events = await rig.Events.NextAsync(2);
        Assert.Equal(["RequestReceived", "ResponseComplete"], events.Select(Stage));
        foreach (var one in events)
        {
            Assert.Equal("mine", Text(one, "auditID"));
            Assert.Equal("/api/v1/namespaces/one/pods/a?pretty=false", Text(one, "requestURI"));
            Assert.Equal("get", Text(one, "verb"));
            Assert.Equal("test/1", Text(one, "userAgent"));
            Assert.Equal("""{"username":"root","uid":"1","groups":["system:masters","system:authenticated"]}""", one["user"]!.ToJsonString());
            Assert.Equal("""{"resource":"pods","namespace":"one","name":"a","apiVersion":"v1"}""", one["objectRef"]!.ToJsonString());
            Assert.Equal("127.0.0.1", one["sourceIPs"]!.AsArray().Single()!.GetValue<string>());
        }

        Assert.Null(events[0]["responseStatus"]);
        Assert.Null(events[0]["annotations"]);
        Assert.Equal("""{"metadata":{},"code":200}""", events[1]["responseStatus"]!.ToJsonString());
        Assert.Equal("allow", Text(events[1]["annotations"]!, "authorization.k8s.io/decision"));
        Assert.Equal(
            events[0]["requestReceivedTimestamp"]!.ToJsonString(), events[1]["requestReceivedTimestamp"]!.ToJsonString());
    }

    [Theory]
    [InlineData(null, "/api/v1/pods", 403, "Forbidden", "forbid")]
    [InlineData("other", "/metrics", 403, "Forbidden", "forbid")]
    [InlineData("admin", "/api/v1/nodes/none", 404, "NotFound", "allow")]
    [InlineData("admin", "/api/v1/nodes/fault", 500, "InternalError", "allow")]
    public async Task What_is_refused_is_audited_with_its_reason(
        string? token, string path, int code, string reason, string decision)
    {
        await using var rig = await AuditRig.StartAsync(All, options => options with { Api = Answer });
        using var client = rig.Gateway.Client(token: token);
        using var response = await client.GetAsync(path);
        Assert.Equal(code, (int)response.StatusCode);
        var last = (await rig.Events.NextAsync(2))[1];
        Assert.Equal(code == 500 ? "Panic" : "ResponseComplete", Stage(last));
        Assert.Equal("Failure", Text(last["responseStatus"]!, "status"));
        Assert.Equal(reason, Text(last["responseStatus"]!, "reason"));
        Assert.Equal(code, last["responseStatus"]!["code"]!.GetValue<int>());
        Assert.Equal(decision, Text(last["annotations"]!, "authorization.k8s.io/decision"));
        Assert.DoesNotContain("hunter2", last.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Credentials_that_are_not_valid_make_one_event_without_a_user()
    {
        await using var rig = await AuditRig.StartAsync(All);
        using var client = rig.Gateway.Client(token: "wrong");
        using var response = await client.GetAsync("/api/v1/pods");
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        var only = (await rig.Events.NextAsync(1))[0];
        Assert.Equal("ResponseStarted", Stage(only));
        Assert.Equal("{}", only["user"]!.ToJsonString());
        Assert.Equal(401, only["responseStatus"]!["code"]!.GetValue<int>());
        Assert.DoesNotContain("wrong", only.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_many_requests_are_audited()
    {
        var (entered, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var rig = await AuditRig.StartAsync(All, options => options with
        {
            Limits = new GatewayLimits { MaxReadOnlyInFlight = 1 },
            Authorizer = new Everyone(),
            Api = async (request, cancellationToken) =>
            {
                entered.TrySetResult();
                await release.Task;
                return await Answer(request, cancellationToken);
            },
        });
        using var client = rig.Gateway.Client(token: "other");
        var slow = client.GetAsync("/api/v1/nodes/slow");
        await entered.Task;
        using var refused = await client.GetAsync("/api/v1/nodes/quick");
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        var events = await rig.Events.NextAsync(3);
        Assert.Equal(429, events[2]["responseStatus"]!["code"]!.GetValue<int>());
        Assert.Null(events[2]["annotations"]);
        release.SetResult();
        using var answered = await slow;
    }

    [Fact]
    public async Task A_watch_has_an_event_when_its_answer_starts_and_one_when_it_ends()
    {
        await using var rig = await AuditRig.StartAsync(All, options => options with
        {
            Api = (_, _) => ValueTask.FromResult<ApiResponse>(new EndlessResponse()),
        });
        using var client = rig.Gateway.Client(token: "admin");
        using (var response = await client.GetAsync("/api/v1/pods?watch=1", HttpCompletionOption.ResponseHeadersRead))
        {
            var started = await rig.Events.NextAsync(2);
            Assert.Equal(["RequestReceived", "ResponseStarted"], started.Select(Stage));
            Assert.Equal("""{"metadata":{},"code":200}""", started[1]["responseStatus"]!.ToJsonString());
        }

        var ended = (await rig.Events.NextAsync(1))[0];
        Assert.Equal("ResponseComplete", Stage(ended));
        Assert.Equal("watch", Text(ended, "verb"));
        Assert.Null(ended["responseObject"]);
    }

    [Fact]
    public async Task A_watch_that_is_refused_has_all_three_events()
    {
        await using var rig = await AuditRig.StartAsync(All);
        using var client = rig.Gateway.Client();
        using var response = await client.GetAsync("/api/v1/pods?watch=1");
        var events = await rig.Events.NextAsync(3);
        Assert.Equal(["RequestReceived", "ResponseStarted", "ResponseComplete"], events.Select(Stage));
        Assert.Equal(403, events[1]["responseStatus"]!["code"]!.GetValue<int>());
    }

    [Fact]
    public async Task Whoever_acts_as_somebody_else_is_named_with_them()
    {
        await using var rig = await AuditRig.StartAsync(All);
        using var client = rig.Gateway.Client(token: "admin");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/pods");
        request.Headers.Add("Impersonate-User", "joe");
        request.Headers.Add("Impersonate-Group", "ops");
        using var response = await client.SendAsync(request);
        var events = await rig.Events.NextAsync(2);
        Assert.Null(events[0]["impersonatedUser"]);
        Assert.Equal("root", Text(events[1]["user"]!, "username"));
        Assert.Equal(
            """{"username":"joe","groups":["ops","system:authenticated"]}""", events[1]["impersonatedUser"]!.ToJsonString());
        Assert.Equal("forbid", Text(events[1]["annotations"]!, "authorization.k8s.io/decision"));
    }

    [Fact]
    public async Task Bodies_are_recorded_and_secrets_are_not()
    {
        await using var rig = await AuditRig.StartAsync(All, options => options with { Api = Answer });
        using var client = rig.Gateway.Client(token: "admin");
        foreach (var (resource, kept) in new[] { ("configmaps", true), ("secrets", false) })
        {
            using var body = new StringContent("""{"metadata":{"name":"a"},"data":{"k":"hunter2"}}""", Encoding.UTF8, "application/json");
            using var response = await client.PostAsync($"/api/v1/namespaces/one/{resource}", body);
            using var patch = new StringContent("""{"data":{"k":"hunter2"}}""", Encoding.UTF8, "application/merge-patch+json");
            using var patched = await client.PatchAsync($"/api/v1/namespaces/one/{resource}/a", patch);
            var events = await rig.Events.NextAsync(4);
            Assert.Equal(kept, events[1]["requestObject"]!.ToJsonString().Contains("hunter2", StringComparison.Ordinal));
            Assert.Equal(kept, events[1]["responseObject"]!.ToJsonString().Contains("hunter2", StringComparison.Ordinal));
            Assert.Equal(kept, events[3]["requestObject"]!.ToJsonString().Contains("hunter2", StringComparison.Ordinal));
            Assert.Equal("a", Text(events[1]["objectRef"]!, "name"));
            Assert.Equal(kept ? null : "true", events[1]["annotations"]!["audit.sealock.dev/redacted"]?.GetValue<string>());
        }
    }

    [Theory]
    [InlineData(49_998, true)]
    [InlineData(49_999, false)]
    public async Task A_patch_is_recorded_if_it_has_no_more_values_than_are_read(int ones, bool recorded)
    {
        await using var rig = await AuditRig.StartAsync(All, options => options with { Api = Answer });
        using var client = rig.Gateway.Client(token: "admin");
        using var patch = new StringContent(
            $$"""{"data":[{{string.Join(',', Enumerable.Repeat(1, ones))}}]}""", Encoding.UTF8, "application/merge-patch+json");

        using var answer = await client.PatchAsync("/api/v1/namespaces/one/configmaps/a", patch);

        var events = await rig.Events.NextAsync(2);
        Assert.Equal(recorded, events[1]["requestObject"] is not null);
    }

    [Fact]
    public async Task What_is_mounted_is_audited_without_bodies_and_may_add_facts()
    {
        await using var rig = await AuditRig.StartAsync(All, options => options with
        {
            Mounts =
            [
                new Mount("/login", MountAccess.Open, async exchange =>
                {
                    exchange.AnnotateAudit("example.com/who", "jane");
                    await exchange.WriteAsync("text/plain", "hunter2"u8.ToArray());
                }),
            ],
        });
        using var client = rig.Gateway.Client();
        using var response = await client.PostAsync("/login", new StringContent("hunter2"));
        var events = await rig.Events.NextAsync(2);
        Assert.Equal("system:anonymous", Text(events[1]["user"]!, "username"));
        Assert.Equal("jane", Text(events[1]["annotations"]!, "example.com/who"));
        Assert.DoesNotContain("hunter2", events[1].ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_controller_of_this_process_is_audited_as_its_service_account()
    {
        await using var rig = await AuditRig.StartAsync(All, options => options with { Authorizer = new Everyone(), Api = Answer });
        var account = UserInfo.ServiceAccount("kube-system", "signer");
        await rig.Gateway.Server.InProcess(Request("POST", "/api/v1/namespaces/one/secrets", account), CancellationToken.None);
        await Assert.ThrowsAsync<ApiException>(async () =>
            await rig.Gateway.Server.InProcess(Request("GET", "/api/v1/nodes/none", account), CancellationToken.None));
        var watch = await rig.Gateway.Server.InProcess(Request("GET", "/api/v1/nodes?watch=1", account), CancellationToken.None);
        var events = await rig.Events.NextAsync(6);
        Assert.All(events, one => Assert.Equal(account.Name, Text(one["user"]!, "username")));
        Assert.Equal(
            ["RequestReceived", "ResponseComplete", "RequestReceived", "ResponseComplete", "RequestReceived", "ResponseStarted"],
            events.Select(Stage));
        Assert.DoesNotContain("hunter2", events[1].ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(404, events[3]["responseStatus"]!["code"]!.GetValue<int>());
        await watch.WriteAsync(System.IO.Pipelines.PipeWriter.Create(Stream.Null), CancellationToken.None);
        Assert.Equal("ResponseComplete", Stage((await rig.Events.NextAsync(1))[0]));
    }

    [Fact]
    public async Task Stages_that_are_omitted_and_requests_at_level_none_make_no_events()
    {
        await using var rig = await AuditRig.StartAsync(
            "omitStages: [RequestReceived], rules: [{level: None, resources: [{resources: [nodes]}]}, {level: Metadata}]");
        using var client = rig.Gateway.Client(token: "admin");
        await client.GetStringAsync("/api/v1/nodes");
        await client.GetStringAsync("/api/v1/pods");
        var only = (await rig.Events.NextAsync(1))[0];
        Assert.Equal(("/api/v1/pods", "ResponseComplete"), (Text(only, "requestURI"), Stage(only)));
        var metrics = await client.GetStringAsync("/metrics");
        Assert.Contains("sealock_audit_level_total{level=\"None\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("sealock_audit_level_total{level=\"Metadata\"} 2\n", metrics, StringComparison.Ordinal);
        Assert.Contains("sealock_audit_event_total 1\n", metrics, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(AuditMode.Batch, 200)]
    [InlineData(AuditMode.Blocking, 200)]
    [InlineData(AuditMode.BlockingStrict, 500)]
    public async Task When_events_cannot_be_written_the_mode_decides_whether_requests_are_served(AuditMode mode, int code)
    {
        await using var rig = await AuditRig.StartAsync(
            "rules: [{level: None, nonResourceURLs: ['/metrics']}, {level: Metadata}]", queue: new AuditQueueOptions { Mode = mode });
        rig.Events.Failing = true;
        using var client = rig.Gateway.Client(token: "admin");
        using var response = await client.GetAsync("/api/v1/pods");
        Assert.Equal(code, (int)response.StatusCode);
        var metrics = await client.GetStringAsync("/metrics");
        Assert.Contains(
            $"sealock_audit_requests_rejected_total {(code == 500 ? 1 : 0)}\n", metrics, StringComparison.Ordinal);
        if (mode != AuditMode.Batch)
            Assert.Contains("sealock_audit_error_total{plugin=\"kept\"}", metrics, StringComparison.Ordinal);
        rig.Events.Failing = false;
        using var afterwards = await client.GetAsync("/api/v1/pods");
        Assert.Equal(HttpStatusCode.OK, afterwards.StatusCode);
    }

    private static ApiRequest Request(string method, string target, UserInfo user)
    {
        var parts = target.Split('?');
        return new ApiRequest
        {
            Info = RequestInfoParser.Parse(method, parts[0], parts.Length > 1 ? QueryParameters.Parse(parts[1]) : QueryParameters.Empty),
            User = user,
            RequestUri = target,
            Body = """{"metadata":{"name":"a"},"data":{"k":"hunter2"}}"""u8.ToArray(),
        };
    }

    /// <summary>Answers with what was sent, as the API does: it tells what it decoded.</summary>
    private static ValueTask<ApiResponse> Answer(ApiRequest request, CancellationToken cancellationToken)
    {
        if (request.Info.Name == "none")
            throw ApiException.NotFound("", "nodes", "none");
        if (request.Info.Name == "fault")
            throw new InvalidOperationException("hunter2");
        if (request.Info.Verb == "watch")
            return ValueTask.FromResult<ApiResponse>(new BytesResponse("{}\n"u8.ToArray()));
        if (!request.Body.IsEmpty)
            request.OnDecoded?.Invoke(JsonNode.Parse(request.Body.Span)!.AsObject());
        return ValueTask.FromResult<ApiResponse>(new BytesResponse(request.Body) { StatusCode = 201 });
    }

    private static string Stage(JsonNode one) => Text(one, "stage");

    private static string Text(JsonNode node, string field) => node[field]!.GetValue<string>();

    private sealed class EndlessResponse : ApiResponse
    {
        public override long? ContentLength => null;

        public override async ValueTask WriteAsync(
            System.IO.Pipelines.PipeWriter output, CancellationToken cancellationToken)
        {
            await output.WriteAsync("{}\n"u8.ToArray(), cancellationToken);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }
    }
}
