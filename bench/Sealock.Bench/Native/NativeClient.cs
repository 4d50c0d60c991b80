// SPDX-License-Identifier: Apache-2.0
using System.Net;

namespace Sealock.Bench.Native;

/// <summary>
/// A client of TLS 1.3 on OpenSSL without anything between: what a client computes comes out of the same processors as the
/// server's share, so it does as little as it can. It does not ask whose certificate it is shown.
/// </summary>
internal sealed class NativeClient : IDisposable
{
    private nint _context = OpenSsl.NewContext(OpenSsl.ClientMethod());

    /// <param name="address">Where the server listens.</param>
    /// <param name="identity">A PEM file with the client's certificate and key; null: it has none.</param>
    public NativeClient(IPEndPoint address, string? identity)
    {
        Address = address;
        OpenSsl.ControlContext(_context, OpenSsl.SetMinimumVersion, OpenSsl.Tls13, 0);
        OpenSsl.SetProtocols(_context, "\u0008http/1.1"u8, 9);
        if (identity is null || (OpenSsl.UseCertificate(_context, identity, OpenSsl.Pem) == 1 && OpenSsl.UseKey(_context, identity, OpenSsl.Pem) == 1))
            return;
        Dispose();
        throw new InvalidOperationException($"OpenSSL does not read {identity}");
    }

    public IPEndPoint Address { get; }

    /// <summary>Connects and shakes hands; may be called by many threads.</summary>
    /// <param name="resume">The session to resume; null: a full handshake.</param>
    public NativeConnection Connect(NativeSession? resume = null) => new(_context, Address, resume);

    public void Dispose() => OpenSsl.FreeContext(Interlocked.Exchange(ref _context, 0));
}

/// <summary>A session that can be resumed.</summary>
internal sealed class NativeSession(nint session) : IDisposable
{
    private nint _session = session;

    public nint Handle => _session;

    public void Dispose() => OpenSsl.FreeSession(Interlocked.Exchange(ref _session, 0));
}
