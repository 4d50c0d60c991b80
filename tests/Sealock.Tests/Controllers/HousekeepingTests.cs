// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Controllers.Hosting;
using Sealock.Tests.Support;

namespace Sealock.Tests.Controllers;

public sealed class HousekeepingTests
{
    private const string Ca = "-----BEGIN CERTIFICATE-----\nca\n-----END CERTIFICATE-----\n";

    private static async Task<SigningBench> BenchAsync(Action<MemoryApiServer>? arrange = null, TimeProvider? time = null)
    {
        var bench = new SigningBench(time);
        bench.Server.Served["v1"] =
        [
            ("namespaces", "Namespace", false), ("configmaps", "ConfigMap", true), ("secrets", "Secret", true),
            ("serviceaccounts", "ServiceAccount", true), ("pods", "Pod", true), ("nodes", "Node", false),
        ];
        bench.Server.Served["apps/v1"] = [("deployments", "Deployment", true)];
        var review = bench.Server.OnAnswer!;
        bench.Server.OnAnswer = (path, body) => path.EndsWith("/token", StringComparison.Ordinal)
            ? new JsonObject { ["status"] = new JsonObject { ["token"] = "token-for-" + body["spec"]!["boundObjectRef"]!["name"]!.GetValue<string>() } }
            : review(path, body);
        arrange?.Invoke(bench.Server);
        await bench.StartAsync(new ControllerOptions { RootCaPem = Ca });
        return bench;
    }

    private static JsonObject Namespace(string name, bool deleted = false)
    {
        var metadata = new JsonObject { ["name"] = name };
        if (deleted)
            metadata["deletionTimestamp"] = "2026-01-01T00:00:00Z";
        return new JsonObject
        {
            ["metadata"] = metadata,
            ["spec"] = new JsonObject { ["finalizers"] = new JsonArray("kubernetes") },
            ["status"] = new JsonObject { ["phase"] = deleted ? "Terminating" : "Active" },
        };
    }

    private static JsonObject Thing(string name, JsonObject? metadata = null)
    {
        metadata ??= [];
        metadata["name"] = name;
        return new JsonObject { ["metadata"] = metadata };
    }

    private static JsonObject Owner(JsonObject owner, string kind, string apiVersion = "v1", bool blocks = false) => new()
    {
        ["apiVersion"] = apiVersion,
        ["kind"] = kind,
        ["name"] = owner["metadata"]!["name"]!.GetValue<string>(),
        ["uid"] = owner["metadata"]!["uid"]!.GetValue<string>(),
        ["blockOwnerDeletion"] = blocks,
    };

    private static JsonObject Owned(string name, params JsonObject[] owners) =>
        Thing(name, new JsonObject { ["ownerReferences"] = new JsonArray([.. owners]) });

    private static string Data(JsonObject? @object, string key) =>
        Encoding.UTF8.GetString(Convert.FromBase64String(@object!["data"]![key]!.GetValue<string>()));

    [Fact]
    public async Task Every_namespace_gets_its_service_account_and_the_root_certificates()
    {
        await using var bench = await BenchAsync(server => server.Put("/api/v1/namespaces/old", Namespace("old")));
        bench.Server.Put("/api/v1/namespaces/new", Namespace("new"));
        foreach (var name in (string[])["old", "new"])
        {
            await bench.Server.Until(() => bench.Server.Find($"/api/v1/namespaces/{name}/serviceaccounts/default") is not null);
            await bench.Server.Until(() => bench.Server.Find($"/api/v1/namespaces/{name}/configmaps/kube-root-ca.crt") is not null);
            Assert.Equal(Ca, bench.Server.Find($"/api/v1/namespaces/{name}/configmaps/kube-root-ca.crt")!["data"]!["ca.crt"]!.GetValue<string>());
        }
    }

    [Fact]
    public async Task What_is_taken_from_a_namespace_comes_back_and_what_is_changed_is_put_right()
    {
        await using var bench = await BenchAsync(server => server.Put("/api/v1/namespaces/a", Namespace("a")));
        const string map = "/api/v1/namespaces/a/configmaps/kube-root-ca.crt";
        const string account = "/api/v1/namespaces/a/serviceaccounts/default";
        await bench.Server.Until(() => bench.Server.Find(map) is not null && bench.Server.Find(account) is not null);
        var changed = bench.Server.Find(map)!;
        changed["data"] = new JsonObject { ["ca.crt"] = "forged", ["more"] = "x" };
        bench.Server.Put(map, changed);
        await bench.Server.Until(() => bench.Server.Find(map)!["data"]!.AsObject() is { Count: 1 } data && data["ca.crt"]!.GetValue<string>() == Ca);
        var uid = bench.Server.Find(account)!["metadata"]!["uid"]!.GetValue<string>();
        await bench.Client().SendAsync("DELETE", account, null, CancellationToken.None);
        await bench.Server.Until(() => bench.Server.Find(account) is { } made && made["metadata"]!["uid"]!.GetValue<string>() != uid);
    }

    [Fact]
    public async Task A_deleted_namespace_is_emptied_and_goes()
    {
        await using var bench = await BenchAsync(server =>
        {
            server.Put("/api/v1/namespaces/a", Namespace("a", deleted: true));
            server.Put("/api/v1/namespaces/a/pods/p", Thing("p"));
            server.Put("/apis/apps/v1/namespaces/a/deployments/d", Thing("d"));
            server.Put("/api/v1/namespaces/b/pods/p", Thing("p"));
        });
        await bench.Server.Until(() => bench.Server.Find("/api/v1/namespaces/a") is null);
        Assert.Empty(bench.Server.Paths("/apis/apps/v1/namespaces/a/"));
        Assert.Empty(bench.Server.Paths("/api/v1/namespaces/a/"));
        Assert.NotNull(bench.Server.Find("/api/v1/namespaces/b/pods/p"));
    }

    [Fact]
    public async Task A_namespace_says_what_is_in_the_way_of_its_end()
    {
        await using var bench = await BenchAsync(server =>
        {
            server.Put("/api/v1/namespaces/a", Namespace("a", deleted: true));
            server.Put("/api/v1/namespaces/a/pods/p", Thing("p", new JsonObject { ["finalizers"] = new JsonArray("example.com/hold") }));
        });
        await bench.Server.Until(() => Condition("NamespaceFinalizersRemaining") == "True");
        Assert.Equal("Some resources are remaining: pods. has 1 resource instances", Message("NamespaceContentRemaining"));
        Assert.Equal(
            "Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances",
            Message("NamespaceFinalizersRemaining"));
        Assert.Equal("False", Condition("NamespaceDeletionContentFailure"));
        Assert.NotNull(bench.Server.Find("/api/v1/namespaces/a"));

        string? Condition(string type) => Find(type)?["status"]!.GetValue<string>();
        string? Message(string type) => Find(type)?["message"]!.GetValue<string>();
        JsonObject? Find(string type) => (bench.Server.Find("/api/v1/namespaces/a")!["status"]!["conditions"] as JsonArray ?? [])
            .OfType<JsonObject>().FirstOrDefault(condition => condition["type"]!.GetValue<string>() == type);
    }

    [Fact]
    public async Task Objects_go_with_their_last_owner_and_lose_the_names_of_those_that_went_before()
    {
        JsonObject one = [], two = [];
        await using var bench = await BenchAsync(server =>
        {
            one = server.Put("/api/v1/namespaces/a/configmaps/one", Thing("one"));
            two = server.Put("/api/v1/namespaces/a/configmaps/two", Thing("two"));
            server.Put("/api/v1/namespaces/a/pods/both", Owned("both", Owner(one, "ConfigMap"), Owner(two, "ConfigMap")));
            server.Put("/api/v1/namespaces/a/pods/first", Owned("first", Owner(one, "ConfigMap")));
            server.Put("/api/v1/namespaces/a/pods/free", Thing("free"));
        });
        await bench.Client().SendAsync("DELETE", "/api/v1/namespaces/a/configmaps/one", null, CancellationToken.None);
        await bench.Server.Until(() => bench.Server.Find("/api/v1/namespaces/a/pods/first") is null);
        await bench.Server.Until(() => bench.Server.Find("/api/v1/namespaces/a/pods/both")!["metadata"]!["ownerReferences"]!.AsArray().Count == 1);
        await bench.Client().SendAsync("DELETE", "/api/v1/namespaces/a/configmaps/two", null, CancellationToken.None);
        await bench.Server.Until(() => bench.Server.Find("/api/v1/namespaces/a/pods/both") is null);
        Assert.NotNull(bench.Server.Find("/api/v1/namespaces/a/pods/free"));
    }

    [Fact]
    public async Task An_owner_of_another_namespace_or_an_unknown_kind_deletes_nothing_by_mistake()
    {
        JsonObject elsewhere = [];
        await using var bench = await BenchAsync(server =>
        {
            elsewhere = server.Put("/api/v1/namespaces/b/configmaps/owner", Thing("owner"));
            server.Put("/api/v1/namespaces/a/pods/unknown", Owned("unknown", new JsonObject
            {
                ["apiVersion"] = "example.com/v1",
                ["kind"] = "Widget",
                ["name"] = "w",
                ["uid"] = "u",
            }));
            server.Put("/api/v1/nodes/n", Owned("n", Owner(elsewhere, "ConfigMap")));
            server.Put("/api/v1/namespaces/a/pods/stale", Owned("stale", Owner(elsewhere, "ConfigMap")));
        });
        // An owner is looked for in the object's own namespace: where it is not there, the object goes (as in Kubernetes).
        await bench.Server.Until(() => bench.Server.Find("/api/v1/namespaces/a/pods/stale") is null);
        var collector = bench.Host.Metrics.Single(metrics => metrics.Loop == "garbagecollector");
        while (collector.Retried < 2)
            await Task.Yield();
        Assert.NotNull(bench.Server.Find("/api/v1/namespaces/a/pods/unknown"));
        Assert.NotNull(bench.Server.Find("/api/v1/nodes/n"));
    }

    [Fact]
    public async Task In_the_foreground_an_owner_goes_after_what_it_owns()
    {
        await using var bench = await BenchAsync(server =>
        {
            var owner = server.Put("/api/v1/namespaces/a/configmaps/owner", Thing("owner"));
            server.Put("/api/v1/namespaces/a/pods/child", Owned("child", Owner(owner, "ConfigMap", blocks: true)));
        });
        await bench.Client().SendAsync(
            "DELETE", "/api/v1/namespaces/a/configmaps/owner", new JsonObject { ["propagationPolicy"] = "Foreground" }, CancellationToken.None);
        await bench.Server.Until(() => bench.Server.Find("/api/v1/namespaces/a/configmaps/owner") is null);
        Assert.Null(bench.Server.Find("/api/v1/namespaces/a/pods/child"));
    }

    [Fact]
    public async Task Orphans_lose_their_owner_and_stay()
    {
        await using var bench = await BenchAsync(server =>
        {
            var owner = server.Put("/api/v1/namespaces/a/configmaps/owner", Thing("owner", new JsonObject
            {
                ["finalizers"] = new JsonArray("orphan"),
                ["deletionTimestamp"] = "2026-01-01T00:00:00Z",
            }));
            server.Put("/api/v1/namespaces/a/pods/child", Owned("child", Owner(owner, "ConfigMap")));
        });
        await bench.Server.Until(() => bench.Server.Find("/api/v1/namespaces/a/configmaps/owner") is null);
        Assert.Empty(bench.Server.Find("/api/v1/namespaces/a/pods/child")!["metadata"]!["ownerReferences"] as JsonArray ?? []);
    }

    private static JsonObject TokenSecret(string name, string account) => new()
    {
        ["metadata"] = new JsonObject
        {
            ["name"] = name,
            ["annotations"] = new JsonObject { ["kubernetes.io/service-account.name"] = account },
        },
        ["type"] = "kubernetes.io/service-account-token",
    };

    [Fact]
    public async Task A_token_secret_is_filled_and_goes_with_its_service_account()
    {
        await using var bench = await BenchAsync(server =>
        {
            server.Put("/api/v1/namespaces/a/serviceaccounts/builder", Thing("builder"));
            server.Put("/api/v1/namespaces/a/secrets/t", TokenSecret("t", "builder"));
            server.Put("/api/v1/namespaces/a/secrets/nobody", TokenSecret("nobody", "missing"));
        });
        await bench.Server.Until(() => bench.Server.Find("/api/v1/namespaces/a/secrets/t")!["data"]?["token"] is not null);
        var secret = bench.Server.Find("/api/v1/namespaces/a/secrets/t");
        Assert.Equal(("token-for-t", Ca, "a"), (Data(secret, "token"), Data(secret, "ca.crt"), Data(secret, "namespace")));
        await bench.Server.Until(() => bench.Server.Find("/api/v1/namespaces/a/secrets/nobody") is null);
        await bench.Client().SendAsync("DELETE", "/api/v1/namespaces/a/serviceaccounts/builder", null, CancellationToken.None);
        await bench.Server.Until(() => bench.Server.Find("/api/v1/namespaces/a/secrets/t") is null);
    }

    [Fact]
    public async Task Bootstrap_tokens_go_when_their_time_has_come()
    {
        var time = new FakeTimeProvider();
        JsonObject Token(string? end)
        {
            var data = new JsonObject();
            if (end is not null)
                data["expiration"] = Convert.ToBase64String(Encoding.ASCII.GetBytes(end));
            return new JsonObject
            {
                ["metadata"] = new JsonObject(),
                ["type"] = "bootstrap.kubernetes.io/token",
                ["data"] = data,
            };
        }

        await using var bench = await BenchAsync(server =>
        {
            server.Put("/api/v1/namespaces/kube-system/secrets/past", Token("2020-01-01T00:00:00Z"));
            server.Put("/api/v1/namespaces/kube-system/secrets/broken", Token("tomorrow"));
            server.Put("/api/v1/namespaces/kube-system/secrets/soon", Token(Sealock.Controllers.Definitions.ObjectFields.Rfc3339(time.GetUtcNow().AddHours(1))));
            server.Put("/api/v1/namespaces/kube-system/secrets/never", Token(null));
        }, time);
        await bench.Server.Until(() => bench.Server.Paths("/api/v1/namespaces/kube-system/secrets/").Count == 2);
        var loop = bench.Host.Metrics.Single(metrics => metrics.Loop == "tokencleaner");
        while (loop.Succeeded < 4)
            await Task.Yield();
        time.Advance(TimeSpan.FromMinutes(61));
        await bench.Server.Until(() => bench.Server.Paths("/api/v1/namespaces/kube-system/secrets/").Count == 1);
    }
}
