// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Sealock.Gateway.RevocationLists;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;
using Sealock.Pki.Revocation;
using Sealock.Tests.Gateway;

namespace Sealock.Tests.Revocation;

public sealed class CrlEndpointTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());
    private static readonly CertificateAuthority Ca = CertificateAuthority.CreateRoot("ca", KeyPair.Generate(), Now);
    private static readonly string KeyId = AuthorityKeyId.Of(Ca.Certificate);

    private static CertificateRevocationList List(int number) => Ca.IssueCrl(new CrlRequest
    {
        Number = number,
        Revoked = [new RevokedCertificate(SerialNumber.Parse("1f"), Now, RevocationReason.KeyCompromise)],
        ThisUpdate = Now.AddSeconds(number),
        NextUpdate = Now.AddDays(1),
    });

    private static JsonObject Object(ReadOnlySpan<byte> crl) =>
        new() { ["status"] = new JsonObject { ["crl"] = Convert.ToBase64String(crl) } };

    private static Task<GatewayRig> StartAsync(PublishedLists lists) => GatewayRig.StartAsync(options => options with
    {
        AllowAnonymous = false,
        Mounts = [new CrlEndpoint(lists, TimeProvider.System).Mount],
    });

    [Fact]
    public async Task Anyone_gets_a_list_in_der_and_pem_and_only_once_while_it_is_the_same()
    {
        var lists = new PublishedLists();
        lists.Put(KeyId, Object(List(1).Der.Span));
        await using var rig = await StartAsync(lists);
        using var client = rig.Client();
        using var response = await client.GetAsync(CrlEndpoint.PathOf(KeyId));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/pkix-crl", response.Content.Headers.ContentType!.ToString());
        Assert.Equal(1, CertificateRevocationList.Parse(await response.Content.ReadAsByteArrayAsync()).Number);
        Assert.Equal(Now.AddSeconds(1), response.Content.Headers.LastModified);
        Assert.Equal(TimeSpan.FromMinutes(5), response.Headers.CacheControl!.MaxAge);
        var pem = await client.GetStringAsync($"/crl/{KeyId}.pem");
        Assert.Equal(1, CertificateRevocationList.FromPem(pem).Number);
        using var head = await client.SendAsync(new HttpRequestMessage(HttpMethod.Head, CrlEndpoint.PathOf(KeyId)));
        Assert.Equal(response.Content.Headers.ContentLength, head.Content.Headers.ContentLength);

        Assert.Equal(HttpStatusCode.NotModified, await Ask(client, headers => headers.IfNoneMatch.Add(response.Headers.ETag!)));
        Assert.Equal(HttpStatusCode.NotModified, await Ask(client, headers => headers.IfModifiedSince = Now.AddSeconds(1)));
        Assert.Equal(HttpStatusCode.OK, await Ask(client, headers => headers.IfModifiedSince = Now));
        lists.Put(KeyId, Object(List(2).Der.Span));
        Assert.Equal(HttpStatusCode.OK, await Ask(client, headers => headers.IfNoneMatch.Add(response.Headers.ETag!)));
        Assert.Equal(HttpStatusCode.OK, await Ask(client, headers => headers.IfModifiedSince = Now.AddSeconds(1)));
    }

    [Theory]
    [InlineData("GET", "/crl", 404)]
    [InlineData("GET", "/crl/", 404)]
    [InlineData("GET", "/crl/ff.crl", 404)]
    [InlineData("GET", "/crl/KEYID", 404)]
    [InlineData("GET", "/crl/KEYID.txt", 404)]
    [InlineData("GET", "/crl/KEYID.crl/more", 404)]
    [InlineData("GET", "/crl/../KEYID.crl", 401)]
    [InlineData("POST", "/crl/KEYID.crl", 405)]
    [InlineData("DELETE", "/crl/KEYID.crl", 405)]
    public async Task Nothing_else_is_there(string method, string path, int status)
    {
        var lists = new PublishedLists();
        lists.Put(KeyId, Object(List(1).Der.Span));
        await using var rig = await StartAsync(lists);
        using var client = rig.Client();
        using var response = await client.SendAsync(new HttpRequestMessage(
            new HttpMethod(method), path.Replace("KEYID", KeyId, StringComparison.Ordinal)));
        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public void What_is_not_a_list_or_not_there_any_more_is_not_handed_out()
    {
        var lists = new PublishedLists();
        lists.Put(KeyId, Object(List(1).Der.Span));
        Assert.NotNull(lists.Find(KeyId));
        foreach (var @object in new[] { null, new JsonObject(), Object([1, 2, 3]), new JsonObject { ["status"] = new JsonObject { ["crl"] = "?" } } })
        {
            lists.Put(KeyId, Object(List(1).Der.Span));
            lists.Put(KeyId, @object);
            Assert.Null(lists.Find(KeyId));
        }
    }

    private static async Task<HttpStatusCode> Ask(HttpClient client, Action<HttpRequestHeaders> change)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, CrlEndpoint.PathOf(KeyId));
        change(request.Headers);
        using var response = await client.SendAsync(request);
        return response.StatusCode;
    }
}
