// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Sealock.Api.Client;
using Sealock.Controllers.Approval;
using Sealock.Controllers.Issuance;
using Sealock.Controllers.Issuance.Requests;
using Sealock.Controllers.Reconciling;
using Sealock.Pki.Certificates;
using Sealock.Pki.Keys;
using Sealock.Pki.Requests;

namespace Sealock.Tests.Controllers.Issuance;

/// <summary>Policies on an API server that does not write who made a request.</summary>
public sealed class RequestOriginTests : IAsyncDisposable
{
    private const string Requests = IssuanceBench.Api + "/certificaterequests";

    private readonly CancellationTokenSource _stop = new();
    private readonly LoopSet _loops = new(TimeProvider.System, NullLogger.Instance);
    private readonly IssuanceBench _bench;
    private readonly List<string> _asked = [];
    private Task _running = Task.CompletedTask;
    private bool _mayUse = true;

    public RequestOriginTests()
    {
        (_bench, _) = IssuanceBench.Ready();
        _bench.Server.OnAnswer = (path, review) => path.Split('/')[^1] switch
        {
            "selfsubjectreviews" => Status(new JsonObject { ["userInfo"] = new JsonObject { ["username"] = "sealock" } }),
            "selfsubjectaccessreviews" => Asked("itself"),
            "subjectaccessreviews" => Asked(review["spec"]!["user"]!.GetValue<string>()),
            _ => null,
        };
        _bench.Server.Put("/apis/policy.cert-manager.io/v1alpha1/certificaterequestpolicies/shop", IssuanceBench.Parse("""
            {"metadata": {"name": "shop", "generation": 1}, "spec": {"selector": {"issuerRef": {}}, "allowed": {
              "dnsNames": {"values": ["*"], "validations": [{"rule": "cr.username == 'sealock'"}]}, "usages": ["digital signature", "key encipherment"]} } }
            """));

        JsonObject Asked(string whom)
        {
            _asked.Add(whom);
            return Status(new JsonObject { ["allowed"] = _mayUse });
        }

        static JsonObject Status(JsonObject status) => new() { ["status"] = status };
    }

    private async Task StartAsync(bool trusts = false)
    {
        var client = new ApiClient(_bench.Server);
        var review = ApprovalLoops.AddTo(_loops, client, TimeProvider.System);
        _running = _loops.RunAsync(_stop.Token);
        await _loops.WaitForSyncAsync(default);
        _bench.Approve = (request, csr, stop) => new PolicyApproval(
            client, review, _bench.Objects, new IssuanceOptions { TrustsRequestIdentity = trusts }, _bench.Time, NullLogger.Instance)
            .DecideAsync(request, csr, stop);
    }

    [Fact]
    public async Task The_controllers_own_requests_are_decided_as_its_own()
    {
        await StartAsync();
        await _bench.SettleAsync();
        Assert.True(_bench.IsReady("web"));
        Assert.Equal(["itself"], _asked);
    }

    [Fact]
    public async Task Whom_no_policy_is_for_is_told_so_on_the_request_and_on_the_certificate()
    {
        _mayUse = false;
        await StartAsync();
        await LookAsync(6);
        var (status, _, message) = _bench.Condition("web", "Issuing");
        Assert.Equal("True", status);
        Assert.Equal(
            "Waits for approval: No CertificateRequestPolicy applies to this requester: shop (the requester has no right to use it). As soon as "
            + "there is a policy, only what one allows is signed: let sealock \"use\" a policy that selects this request",
            message);
        Assert.Equal(message, Ready("web-1")!["message"]!.GetValue<string>());

        _mayUse = true;
        await _bench.SettleAsync();
        Assert.True(_bench.IsReady("web"));
        Assert.Null(_bench.Certificate("web").Condition("Issuing"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_name_that_anyone_may_have_written_is_believed_only_where_that_was_said(bool trusts)
    {
        await StartAsync(trusts);
        using var key = KeyPair.Generate();
        Put("by-hand", key, request => request["spec"]!["username"] = "sealock");
        await LookAsync(3);
        Assert.Equal(trusts, Condition("by-hand", "Approved") is not null);
        Assert.Equal(trusts ? ["sealock"] : [], _asked.Where(whom => whom != "itself"));
        if (!trusts)
            Assert.Contains("--trust-request-identity", Ready("by-hand")!["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Null(Condition("by-hand", "Denied"));
    }

    /// <summary>All is as in the controller's own request, but for the key, or a single thing.</summary>
    [Theory]
    [InlineData("key")]
    [InlineData("owner")]
    [InlineData("name")]
    [InlineData("names")]
    [InlineData("issuer")]
    [InlineData("ca")]
    public async Task What_only_looks_like_the_controllers_own_request_is_not(string difference)
    {
        await StartAsync();
        var approve = _bench.Approve;
        // The controller's own waits, so that its key does.
        _bench.Approve = (_, _, _) => ValueTask.FromResult<RequestApproval?>(new(false, "") { Waits = true });
        await LookAsync(3);
        var own = _bench.Request("web-1");
        using var next = KeyPair.FromPem(Encoding.UTF8.GetString(_bench.Entry(_bench.NextKeys.Single(), "tls.key")!));
        using var other = KeyPair.Generate();
        var name = difference == "name" ? "web-2" : "web-1";
        Put(name, difference == "key" ? other : next, request =>
        {
            request["metadata"] = own["metadata"]!.DeepClone();
            request["metadata"]!["name"] = name;
            if (difference == "owner")
                request["metadata"]!["ownerReferences"]![0]!["uid"] = "another";
            if (difference == "issuer")
                request["spec"]!["issuerRef"]!["name"] = "another";
            if (difference == "ca")
                request["spec"]!["isCA"] = true;
        }, difference == "names" ? "admin.example.com" : "web.example.com");
        _bench.Approve = approve;
        var forged = _bench.Server.Find($"{Requests}/{name}")!;
        var (whole, csr) = Read(forged);
        Assert.False(RequestOrigin.IsOwn(whole, _bench.Objects, _bench.Time.GetUtcNow()));
        Assert.True((await approve(whole, csr, default))!.Waits);
        Assert.Empty(_asked);
        Assert.True(RequestOrigin.IsOwn(Read(own).Request, _bench.Objects, _bench.Time.GetUtcNow()));
    }

    private static (Sealock.Controllers.Views.CertificateRequestObject Request, CertificateSigningRequest Csr) Read(JsonObject request)
    {
        var whole = System.Text.Json.JsonSerializer.Deserialize(
            request.ToJsonString(), Sealock.Controllers.Views.IssuanceResources.RequestObjects.View)!;
        return (whole, CertificateSigningRequest.FromPem(whole.Spec.Request));
    }

    private void Put(string name, KeyPair key, Action<JsonObject> change, string dnsName = "web.example.com")
    {
        var csr = CertificateSigningRequest.Create(key, DistinguishedName.Empty, new SubjectAlternativeNames([GeneralName.Dns(dnsName)]));
        var request = IssuanceBench.Parse("""{"metadata": {}, "spec": {"issuerRef": {"name": "ca", "kind": "Issuer", "group": "cert-manager.io"} } }""");
        request["spec"]!["usages"] = new JsonArray("digital signature", "key encipherment");
        request["spec"]!["request"] = IssuanceBench.Base64(csr.ToPem());
        if (name.StartsWith("web", StringComparison.Ordinal))
            request["spec"]!.AsObject().Remove("usages");
        request["metadata"]!["name"] = name;
        change(request);
        _bench.Server.Put($"{Requests}/{name}", request);
    }

    private JsonNode? Condition(string request, string type) => _bench.Request(request)["status"]?["conditions"]?.AsArray()
        .FirstOrDefault(condition => condition!["type"]!.GetValue<string>() == type);

    private JsonNode? Ready(string request) => Condition(request, "Ready");

    /// <summary>What waits is looked at again and again, so that nothing ever settles.</summary>
    private async Task LookAsync(int rounds)
    {
        for (var round = 0; round < rounds; round++)
            await _bench.LookOnceAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _loops.Dispose();
        _stop.Dispose();
        _bench.Dispose();
    }
}
