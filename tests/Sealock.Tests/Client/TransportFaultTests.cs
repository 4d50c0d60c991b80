// SPDX-License-Identifier: Apache-2.0
using System.Net.Sockets;
using System.Security.Authentication;
using Sealock.Api.Client;
using Sealock.Api.Objects;

namespace Sealock.Tests.Client;

public sealed class TransportFaultTests
{
    private static readonly (Exception Fault, string Words)[] Faults =
    [
        (new ApiException(410, "Expired", "too old resource version: 1 (2)"), "too old resource version: 1 (2)"),
        (
            new HttpRequestException(HttpRequestError.ConnectionError, "x", new SocketException((int)SocketError.ConnectionRefused)),
            "Connection refused"),
        (
            new HttpRequestException(HttpRequestError.SecureConnectionError, "see inner exception.", new UntrustedServerException("it has expired")),
            "its certificate is not trusted: it has expired"),
        (
            new HttpRequestException("see inner exception.", new AuthenticationException("Cannot determine the frame size.")),
            "no TLS connection came about; does it speak HTTPS there, and accept this client?"),
        (
            new HttpRequestException(HttpRequestError.ResponseEnded, "x", new HttpIOException(HttpRequestError.ResponseEnded, "x")),
            "the connection ended before there was an answer"),
        (new IOException("one line\nand another."), "one line and another"),
        (new OperationCanceledException(), "there was no answer in time"),
    ];

    [Fact]
    public void Ordinary_faults_are_told_in_one_clause() => Assert.All(Faults, one =>
    {
        Assert.True(TransportFault.IsOrdinary(one.Fault));
        Assert.Equal(one.Words, TransportFault.Tell(one.Fault));
    });

    [Fact]
    public void Faults_of_our_own_are_not_ordinary() => Assert.False(TransportFault.IsOrdinary(new InvalidOperationException()));
}
