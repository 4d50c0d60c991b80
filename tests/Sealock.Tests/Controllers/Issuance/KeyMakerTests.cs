// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Security.Cryptography;
using Sealock.Controllers.Issuance.Deciding;
using Sealock.Controllers.Issuance.Secrets;
using Sealock.Controllers.Reconciling;
using Sealock.Pki.Keys;

namespace Sealock.Tests.Controllers.Issuance;

public sealed class KeyMakerTests : IDisposable
{
    private static readonly KeyDemand P256 = new(KeyAlgorithm.EcdsaP256, KeyKind.Ecdsa, 256);
    private static readonly KeyDemand Rsa2048 = new(KeyAlgorithm.Rsa2048, KeyKind.Rsa, 2048);
    private static readonly KeyDemand Rsa8192 = new(KeyAlgorithm.Rsa8192, KeyKind.Rsa, 8192);

    /// <summary>Each large key waits for one of these.</summary>
    private readonly SemaphoreSlim _allowed = new(0);
    private readonly BlockingCollection<ObjectKey> _made = [];
    private readonly BlockingCollection<KeyAlgorithm> _begun = [];
    private readonly KeyMaker _keys;

    /// <summary>Large keys that are made at the same time.</summary>
    private static int Hands => Math.Max(1, Environment.ProcessorCount / 4);

    public KeyMakerTests() => _keys = new KeyMaker(_made.Add, algorithm =>
    {
        _begun.Add(algorithm);
        if (algorithm == KeyAlgorithm.Rsa8192)
            _allowed.Wait();
        return KeyPair.Generate();
    });

    public void Dispose()
    {
        _keys.Dispose();
        _allowed.Release(10_000);
    }

    private KeyPair? Take(string @namespace, string name, KeyDemand demand, string uid = "1") =>
        _keys.Take(new ObjectKey(@namespace, name), uid, demand);

    /// <summary>Occupies all who make large keys, and waits until they are at work.</summary>
    private void Occupy(string @namespace)
    {
        for (var i = 0; i < Hands; i++)
        {
            Assert.Null(Take(@namespace, $"occupied-{i}", Rsa8192));
            Assert.Equal(KeyAlgorithm.Rsa8192, _begun.Take());
        }
    }

    [Fact]
    public void Quick_keys_do_not_wait_for_slow_ones()
    {
        Occupy("a");
        Assert.NotNull(Take("b", "ec", P256));
        Assert.Null(Take("b", "rsa", Rsa2048));
        Assert.Equal(new ObjectKey("b", "rsa"), _made.Take());
        using var key = Take("b", "rsa", Rsa2048);
        Assert.NotNull(key);
    }

    [Fact]
    public void Namespaces_are_served_in_turn_and_each_in_the_order_it_asked()
    {
        var line = new KeyLine(longest: 10, most: 1);
        foreach (var name in (string[])["a/0", "a/1", "a/2", "b/0", "c/0", "b/1", "a/3"])
            Assert.True(line.TryAdd(new KeyMaker.Order(new ObjectKey(name[..1], name), "", Rsa8192)));
        var served = new List<string>();
        while (line.TryTake(out var order))
            served.Add(order.Certificate.Name);
        Assert.Equal(["a/0", "b/0", "c/0", "a/1", "b/1", "a/2", "a/3"], served);
    }

    [Fact]
    public void What_is_not_wanted_any_more_is_not_made()
    {
        Occupy("a");
        Take("a", "deleted", Rsa8192);
        Take("a", "changed", Rsa8192);
        Take("a", "anew", Rsa8192);
        Take("a", "kept", Rsa8192);
        _keys.Forget(new ObjectKey("a", "deleted"));
        Assert.NotNull(Take("a", "changed", P256));
        Assert.Equal(KeyAlgorithm.EcdsaP256, _begun.Take());
        // Another Certificate of the same name waits for a key of its own.
        Take("a", "anew", Rsa8192, uid: "2");
        _keys.Forget(new ObjectKey("a", "occupied-0"));
        _allowed.Release(1000);
        var made = Enumerable.Range(0, Hands + 1).Select(_ => _made.Take().Name).ToArray();
        Assert.Equal(["anew", "kept"], made.Where(name => !name.StartsWith("occupied", StringComparison.Ordinal)).Order());
        Assert.Equal(2, _begun.Count);
        Assert.Empty(_made);
    }

    [Fact]
    public void A_namespace_may_only_have_so_many_waiting_and_others_are_still_served()
    {
        Occupy("a");
        for (var i = 0; i < KeyMaker.LongestLine + 10; i++)
            Assert.Null(Take("a", $"a{i}", Rsa8192));
        Assert.Equal(Hands + KeyMaker.LongestLine, _keys.Pending);
        Assert.Null(Take("b", "b", Rsa8192));
        Assert.Equal(Hands + KeyMaker.LongestLine + 1, _keys.Pending);
        _keys.Forget(new ObjectKey("a", "a7"));
        Assert.Null(Take("a", "late", Rsa8192));
        Assert.Equal(Hands + KeyMaker.LongestLine + 1, _keys.Pending);
    }

    [Fact]
    public void Who_asks_is_told_why_a_key_could_not_be_made_and_may_ask_again()
    {
        var broken = true;
        using var made = new BlockingCollection<ObjectKey>();
        using var keys = new KeyMaker(made.Add, _ => broken ? throw new CryptographicException("no entropy") : KeyPair.Generate());
        var web = new ObjectKey("a", "web");
        Assert.Null(keys.Take(web, "1", Rsa2048));
        made.Take();
        Assert.Equal("no entropy", Assert.Throws<CryptographicException>(() => keys.Take(web, "1", Rsa2048)).Message);
        broken = false;
        Assert.Null(keys.Take(web, "1", Rsa2048));
        made.Take();
        using var key = keys.Take(web, "1", Rsa2048);
        Assert.NotNull(key);
    }
}
