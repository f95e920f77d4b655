@echo off
rem Starts the gateway of this archive. Arguments go to it: --check, --try-queue, --version.
rem
rem JAVA_HOME      the Java to use, 21 or newer; else the java on the PATH
rem JAVA_OPTS      further options of Java, separated by spaces
rem BACTRIAN_HOME  the folder with application.properties, routes\ and data\; else the folder of this archive
setlocal
for %%I in ("%~dp0..") do set "ROOT=%%~fI"
set "JAVA=java"
if defined JAVA_HOME set "JAVA=%JAVA_HOME%\bin\java"
set "HOME_FOLDER=%ROOT%"
if defined BACTRIAN_HOME set "HOME_FOLDER=%BACTRIAN_HOME%"
set "BACTRIAN_HOME="
cd /d "%HOME_FOLDER%" || exit /b 1
"%JAVA%" -XX:+ExitOnOutOfMemoryError %JAVA_OPTS% -jar "%ROOT%\bactrian.jar" %*
exit /b %ERRORLEVEL%
