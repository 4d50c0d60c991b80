// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Security.Cryptography;
using Sealock.Api.Security;
using Sealock.Gateway.Tokens;
using Sealock.Tests.Support;

namespace Sealock.Tests.Tokens;

/// <summary>A service account with a pod, a secret and a node, keys of two kinds, and a clock.</summary>
internal sealed class TokenWorld
{
    public const string Issuer = "https://kubernetes.default.svc";

    public static readonly ServiceAccountKey Ecdsa = Key(ECDsa.Create(ECCurve.NamedCurves.nistP256));
    public static readonly ServiceAccountKey Rsa = Key(RSA.Create(2048));

    public TokenWorld()
    {
        Objects.Put("", "serviceaccounts", """{"metadata":{"namespace":"a","name":"robot","uid":"sa-1"}}""")
            .Put("", "pods", """{"metadata":{"namespace":"a","name":"pod","uid":"pod-1"},"spec":{"serviceAccountName":"robot","nodeName":"node"}}""")
            .Put("", "secrets", """{"metadata":{"namespace":"a","name":"secret","uid":"secret-1"}}""")
            .Put("", "nodes", """{"metadata":{"name":"node","uid":"node-1"}}""");
        Authenticator = new ServiceAccountTokenAuthenticator(
            new ServiceAccountTokenOptions { Issuers = [Issuer], Keys = [Rsa, Ecdsa], Audiences = [Issuer] }, Objects, Clock);
    }

    public ObjectsInMemory Objects { get; } = new();

    public FakeTimeProvider Clock { get; } = new();

    public ServiceAccountTokenAuthenticator Authenticator { get; }

    public static ServiceAccountTokenRequest Request { get; } =
        new() { Namespace = "a", Name = "robot", Uid = "sa-1", ExpirationSeconds = 3600 };

    public string Issue(ServiceAccountTokenRequest? request = null, ServiceAccountKey? key = null, string issuer = Issuer) =>
        new ServiceAccountTokenIssuer(issuer, key ?? Ecdsa, [Issuer], Clock).Issue(request ?? Request).Token;

    public Task<TokenIdentity?> AskAsync(string token, params ImmutableArray<string> audiences) =>
        Authenticator.AuthenticateAsync(token, audiences, CancellationToken.None).AsTask();

    public static ServiceAccountKey Key(AsymmetricAlgorithm key) => ServiceAccountKey.ReadPem(key.ExportPkcs8PrivateKeyPem()).Single();
}
