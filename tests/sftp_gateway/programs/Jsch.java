// JSch: steps come in, one a line, fields parted by tabs; answers go out the same way.
// Arguments: PORT USER KEY_FILE KNOWN_HOSTS.
import com.jcraft.jsch.ChannelSftp;
import com.jcraft.jsch.JSch;
import com.jcraft.jsch.Session;
import com.jcraft.jsch.SftpATTRS;
import java.io.File;
import java.util.Scanner;

public class Jsch {
    public static void main(String[] arguments) throws Exception {
        JSch jsch = new JSch();
        jsch.addIdentity(arguments[2]);
        jsch.setKnownHosts(arguments[3]);
        Session session = jsch.getSession(arguments[1], "127.0.0.1", Integer.parseInt(arguments[0]));
        session.connect(20_000);
        try {
            ChannelSftp sftp = (ChannelSftp) session.openChannel("sftp");
            sftp.connect(20_000);
            Scanner steps = new Scanner(System.in, "UTF-8");
            while (steps.hasNextLine()) {
                String[] step = steps.nextLine().split("\t");
                take(sftp, step[0], step[1], step[step.length - 1]);
            }
        } finally {
            session.disconnect();
        }
    }

    private static void take(ChannelSftp sftp, String verb, String one, String two) throws Exception {
        switch (verb) {
            case "put" -> { sftp.put(one, two); keepTime(sftp, one, two); }
            case "resume" -> sftp.put(one, two, ChannelSftp.RESUME);
            case "get" -> sftp.get(one, two);
            case "rename" -> sftp.rename(one, two);
            case "stat" -> {
                SftpATTRS found = sftp.stat(one);
                System.out.println("stat\t" + found.getSize() + "\t" + found.getMTime());
            }
            case "names" -> {
                for (Object found : sftp.ls(one)) {
                    System.out.println("name\t" + ((ChannelSftp.LsEntry) found).getFilename());
                }
            }
            default -> throw new IllegalArgumentException(verb);
        }
    }

    private static void keepTime(ChannelSftp sftp, String local, String remote) throws Exception {
        sftp.setMtime(remote, (int) (new File(local).lastModified() / 1000));
    }
}
