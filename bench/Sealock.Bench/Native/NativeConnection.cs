// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Sockets;
using Sealock.Bench.Http;

namespace Sealock.Bench.Native;

/// <summary>One connection; its calls block, and only one thread may use it.</summary>
internal sealed class NativeConnection : IDisposable
{
    private const int LongestWait = 20_000;

    private readonly Socket _socket;
    private nint _tls;

    internal NativeConnection(nint context, IPEndPoint address, NativeSession? resume)
    {
        _socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
        {
            NoDelay = true,
            ReceiveTimeout = LongestWait,
            SendTimeout = LongestWait,
        };
        try
        {
            _socket.Connect(address);
            OpenSsl.ClearErrors();
            _tls = OpenSsl.New(context);
            var isSet = OpenSsl.SetDescriptor(_tls, (int)_socket.Handle) == 1 && (resume is null || OpenSsl.SetSession(_tls, resume.Handle) == 1);
            if (!isSet || OpenSsl.Connect(_tls) != 1)
                throw new IOException("the handshake failed");
            IsResumed = OpenSsl.IsResumed(_tls) == 1;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Whether the handshake resumed a session.</summary>
    public bool IsResumed { get; }

    /// <summary>Sends a request and reads the whole answer, which has to have a length and to fit into the buffer.</summary>
    /// <returns>The status.</returns>
    public int Send(ReadOnlySpan<byte> request, Span<byte> buffer)
    {
        if (OpenSsl.Write(_tls, request, request.Length) != request.Length)
            throw new IOException("the connection broke");
        var (read, end) = (0, int.MaxValue);
        var status = 0;
        while (read < end)
        {
            var more = OpenSsl.Read(_tls, buffer[read..], buffer.Length - read);
            if (more <= 0)
                throw new IOException("the server closed the connection");
            read += more;
            if (end != int.MaxValue || buffer[..read].IndexOf("\r\n\r\n"u8) is not (>= 0 and var head))
                continue;
            (status, var length) = AnswerHead.Read(buffer[..(head + 2)]);
            end = head + 4 + (length ?? throw new InvalidOperationException("the answer has no length"));
            if (end > buffer.Length)
                throw new InvalidOperationException("the answer is longer than expected");
        }

        return status;
    }

    /// <summary>Says goodbye and waits until the server has closed, so that it has done all it does for a connection.</summary>
    public void End(Span<byte> buffer)
    {
        _ = OpenSsl.Shutdown(_tls);
        while (OpenSsl.Read(_tls, buffer, buffer.Length) > 0)
        {
        }
    }

    /// <summary>The session, from its newest ticket that was read.</summary>
    public NativeSession Session() => new(OpenSsl.GetSession(_tls));

    public void Dispose()
    {
        if (_tls != 0)
            OpenSsl.Free(Interlocked.Exchange(ref _tls, 0));
        _socket.Dispose();
    }
}
