// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Sealock.Api.Client;
using Sealock.Api.Definitions.Plain;
using Sealock.Api.Security;
using Sealock.Api.Serving;
using Sealock.Controllers.Definitions;
using Sealock.Controllers.Hosting;
using Sealock.Controllers.Issuance;
using Sealock.Pki.Keys;
using Sealock.Tests.Storage;
using Sealock.Tests.Support;

namespace Sealock.Tests.Controllers.Issuance;

/// <summary>One namespace's large keys are no other's wait; on the real API server and loops in this process.</summary>
public sealed class FairnessTests : IAsyncLifetime
{
    private const int Greedy = 200;

    private readonly CancellationTokenSource _stop = new(TimeSpan.FromMinutes(2));
    private readonly MemoryStore _store = new(TimeProvider.System);
    private readonly ManualResetEventSlim _letGo = new();
    private ApiServer? _server;
    private ControllerHost? _host;
    private Task _running = Task.CompletedTask;
    private int _large;

    private ApiClient Client =>
        new(new InProcessTransport(_server!.HandleAsync, new UserInfo { Name = "admin", Groups = [WellKnownGroups.Masters] }));

    public async Task InitializeAsync()
    {
        _server = await ApiServer.StartAsync(new ApiServerOptions
        {
            Store = _store,
            Definitions = [.. PlainDefinitions.All, .. CertificateDefinitions.All],
            Authorizer = new Everything(),
        }, _stop.Token);
        var options = new ControllerOptions { Issuance = new IssuanceOptions { GenerateKey = Generate } };
        _host = new ControllerHost(ControllerClients.Same(Client), options, TimeProvider.System, NullLoggerFactory.Instance);
        _running = _host.RunAsync(_stop.Token);
        await _host.WaitForSyncAsync(_stop.Token);
        foreach (var name in (string[])["greedy", "modest"])
        {
            await Client.SendAsync("POST", "/api/v1/namespaces", Json($$"""{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "{{name}}"} }"""), default);
            await CreateAsync(name, "Issuer", "self", """{"selfSigned": {}}""");
        }
    }

    public async Task DisposeAsync()
    {
        _letGo.Set();
        await _stop.CancelAsync();
        await _running;
        _host?.Dispose();
        if (_server is not null)
            await _server.DisposeAsync();
        await _store.DisposeAsync();
        _stop.Dispose();
    }

    [Fact]
    public async Task Two_hundred_slow_keys_of_one_namespace_hold_up_no_other_and_are_not_made_once_nobody_wants_them()
    {
        for (var i = 0; i < Greedy; i++)
            await CreateCertificateAsync("greedy", $"big-{i}", """{"algorithm": "RSA", "size": 8192}""");
        await UntilAsync("greedy", $"big-{Greedy - 1}", found => Issuing(found).Contains("takes a while", StringComparison.Ordinal));
        await CreateCertificateAsync("modest", "quick", """{"algorithm": "ECDSA"}""");
        await CreateCertificateAsync("modest", "usual", """{"algorithm": "RSA"}""");
        await UntilAsync("modest", "quick", IsReady);
        await UntilAsync("modest", "usual", IsReady);
        var begun = Volatile.Read(ref _large);
        Assert.InRange(begun, 1, Math.Max(1, Environment.ProcessorCount / 4));

        // The one that is left waits behind all others; those that are gone or asked for something else are not made before it.
        for (var i = 0; i < Greedy - 1; i++)
            await Client.DeleteAsync(Type, "greedy", $"big-{i}", null, default);
        await Client.PatchAsync(Type, "greedy", $"big-{Greedy - 1}", Json("""{"spec": {"privateKey": {"algorithm": "ECDSA", "size": 256}}}"""));
        await UntilAsync("greedy", $"big-{Greedy - 1}", IsReady);
        _letGo.Set();
        await CreateCertificateAsync("greedy", "last", """{"algorithm": "RSA", "size": 4096}""");
        await UntilAsync("greedy", "last", IsReady);
        Assert.Equal(begun + 1, Volatile.Read(ref _large));
    }

    private static ResourceType<JsonObject> Type => new("cert-manager.io", "v1", "certificates", true, RawJson.Default.JsonObject);

    private static JsonObject Json(string text) => JsonNode.Parse(text)!.AsObject();

    private static string Issuing(JsonObject certificate) => certificate["status"]?["conditions"]?.AsArray()
        .FirstOrDefault(condition => condition!["type"]!.GetValue<string>() == "Issuing")?["message"]!.GetValue<string>() ?? "";

    private static bool IsReady(JsonObject certificate) => certificate["status"]?["conditions"]?.AsArray().Any(condition =>
        condition!["type"]!.GetValue<string>() == "Ready" && condition["status"]!.GetValue<string>() == "True") == true;

    /// <summary>Large keys are only made once they are let go; what they are made of does not matter here.</summary>
    private KeyPair Generate(KeyAlgorithm algorithm)
    {
        if (algorithm is not (KeyAlgorithm.Rsa4096 or KeyAlgorithm.Rsa8192))
            return KeyPair.Generate(algorithm);
        Interlocked.Increment(ref _large);
        _letGo.Wait(_stop.Token);
        return KeyPair.Generate(algorithm == KeyAlgorithm.Rsa4096 ? algorithm : KeyAlgorithm.EcdsaP256);
    }

    private Task CreateCertificateAsync(string @namespace, string name, string key) => CreateAsync(@namespace, "Certificate", name, $$"""
        {"secretName": "{{name}}-tls", "commonName": "{{name}}", "privateKey": {{key}}, "issuerRef": {"name": "self"} }
        """);

    private async Task CreateAsync(string @namespace, string kind, string name, string spec) => await Client.SendAsync(
        "POST", $"/apis/cert-manager.io/v1/namespaces/{@namespace}/{kind.ToLowerInvariant()}s",
        Json($$"""{"apiVersion": "cert-manager.io/v1", "kind": "{{kind}}", "metadata": {"name": "{{name}}"}, "spec": {{spec}} }"""), default);

    private async Task UntilAsync(string @namespace, string name, Func<JsonObject, bool> condition)
    {
        await foreach (var change in Client.WatchAsync(
            Type, @namespace, new ListQuery { FieldSelector = $"metadata.name={name}" }, _stop.Token))
        {
            if (change.Object is { } found && condition(found))
                return;
        }

        throw new TimeoutException(name);
    }
}
