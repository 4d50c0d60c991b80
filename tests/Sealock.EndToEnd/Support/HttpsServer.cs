// SPDX-License-Identifier: Apache-2.0
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;
using Sealock.Pki.Tls;

namespace Sealock.EndToEnd.Support;

/// <summary>A web server of a test's own, with a certificate for 127.0.0.1 of a CA that nobody knows.</summary>
internal sealed class HttpsServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly ServingCertificate _certificate;

    private HttpsServer(WebApplication application, ServingCertificate certificate, string ca) =>
        (_application, _certificate, Ca) = (application, certificate, ca);

    /// <summary>The CA that its certificate is from, in PEM.</summary>
    public string Ca { get; }

    /// <summary>Its URL, without a path.</summary>
    public string Url { get; private set; } = "";

    public static async Task<HttpsServer> StartAsync(RequestDelegate answer)
    {
        using var caKey = KeyPair.Generate();
        using var key = KeyPair.Generate();
        var now = TimeProvider.System.GetUtcNow();
        var ca = CertificateAuthority.CreateRoot("the test's CA", caKey, now);
        var leaf = ca.Issue(new()
        {
            Subject = DistinguishedName.Create("test"),
            PublicKey = key.PublicKey,
            Profile = CertificateProfile.Server,
            Names = SubjectAlternativeNames.ForHosts("127.0.0.1", "localhost"),
        }, now).Require();
        var certificate = ServingCertificate.Create([leaf], key);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate.Leaf)));
        var application = builder.Build();
        application.Run(answer);
        await application.StartAsync();
        return new(application, certificate, ca.Certificate.ToPem()) { Url = application.Urls.First() };
    }

    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync();
        _certificate.Dispose();
    }
}
