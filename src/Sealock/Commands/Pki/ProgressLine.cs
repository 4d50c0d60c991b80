// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Commands.Pki;

/// <summary>
/// Tells on standard error how far long work is: one line that is overwritten, on a terminal; nothing elsewhere. Quick
/// work shows nothing. May be called from several threads.
/// </summary>
internal sealed class ProgressLine(string what) : IProgress<(int Done, int All)>, IDisposable
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly long _started = TimeProvider.System.GetTimestamp();
    private readonly bool _shown = !Console.IsErrorRedirected;
    private long _last;
    private int _width;

    public void Report((int Done, int All) value)
    {
        if (!_shown || TimeProvider.System.GetElapsedTime(_started) < Silence)
            return;
        lock (_lock)
        {
            if (_last != 0 && TimeProvider.System.GetElapsedTime(_last) < Pace)
                return;
            _last = TimeProvider.System.GetTimestamp();
            var text = $"{value.Done} of {value.All} {what}";
            Console.Error.Write("\r" + text.PadRight(_width));
            _width = text.Length;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (_width > 0)
                Console.Error.Write("\r" + new string(' ', _width) + "\r");
            _width = 0;
        }
    }
}
