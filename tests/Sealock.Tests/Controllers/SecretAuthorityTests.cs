// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Logging;
using Sealock.Controllers.CertificateSigning;
using Sealock.Controllers.Views;

namespace Sealock.Tests.Controllers;

public sealed class SecretAuthorityTests : ILogger
{
    private readonly List<string> _lines = [];

    [Fact]
    public void Why_requests_wait_is_told_once_per_reason_and_never_with_the_key()
    {
        var authority = new SecretAuthority("pki", "web-ca", this);
        authority.Take(null);
        Assert.Empty(_lines);

        Assert.Null(authority.Current.Authority);
        Assert.Null(authority.Current.Authority);
        authority.Take(new SecretView
        {
            Data = new Dictionary<string, byte[]> { ["tls.crt"] = "certificate"u8.ToArray(), ["tls.key"] = "hidden"u8.ToArray() },
        });
        Assert.Null(authority.Current.Authority);
        Assert.Null(authority.Current.Authority);

        Assert.Equal(2, _lines.Count);
        Assert.Equal("approved requests are not signed: the Secret pki/web-ca does not exist", _lines[0]);
        Assert.StartsWith("approved requests are not signed: the CA in the Secret pki/web-ca cannot be used: ", _lines[1], StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", _lines[1], StringComparison.Ordinal);
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Add(formatter(state, exception));
}
